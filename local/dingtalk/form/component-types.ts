/** Types a form component can have; the list of "create an approval instance" in the documentation. */
export const COMPONENT_TYPES = [
  'TextField',
  'TextareaField',
  'NumberField',
  'MoneyField',
  'PhoneField',
  'StarRatingField',
  'DDSelectField',
  'DDMultiSelectField',
  'DDDateField',
  'DDDateRangeField',
  'InnerContactField',
  'DepartmentField',
  'TableField',
  'DDAttachment',
  'DDPhotoField',
  'RelateField',
  'AddressField',
  'TextNote',
] as const;

export type ComponentType = (typeof COMPONENT_TYPES)[number];
