/** Public keys made for these tests; nobody has the private halves. */
export const FIRST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE6AazoHSn2ynNvrO8JRIYFewh9AMAQlhMTl0YO6A1d7';
export const SECOND_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICnn8JpJdNmi0HkV/v7iIKGI99hrfDlzo97EMIF9oQr4';

export const RSA_2048_KEY =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCwkKne8gf4/fEt4fyludvoVB5UD7IiF1qXsVZpXgq/2WYICXwqhcS7xUJ2z4oXB7F2Zehk5XyF8YQK82hyD9W5R/IcT3ABsQMGzm3T79Gjr0AID4fvYoDNTomrkh8YJLrEn13ZFacESLFeceS3Q3un288/f0inFnkfNm3EyIRjn6nYAjiqL4lXpX1nElTNVsGCUQXJuP0qanwEumIpq8GedBbnFLqWQ/M4Q4YqiDubpXa7Wa1ohs3qjEXm2jYajuZyz3jbBtHdjlZ7DTUiW7tHQaoeFpEgN5YydHiUKk9eT14HjG+c0swK4bHa0nMCuVMhcbwVrRN2TYib1jgUs2zP';
export const RSA_1024_KEY =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDmbzQ0TgRN3XA8iwZmGM4KDcbOSmNYb7BYQ7ekgt2pT8mtksXNPgLck8Zo/DZeUPO2YvvmJY6beNKLiG4Mn2eTnWlJyMqpIIIWpMLXq5cpTPFmpF01WB6QQ/OEHmUQNEBD0WcNJ6rmMw5pvHYtJI+ifbm/NI+6ckjdyvN8OM77aw==';
export const P256_KEY =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJZWj1N1hKbDbBh4X7B5N2xcDi1X01tgH0+w1w8OWPU2XcNM6hWWDMvx72yUYBm5uidLVGHbEgBlLwavKTONB94=';
export const P384_KEY =
  'ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBAWQSqn0oqL+RfjOFBrT1IMLPE0bShjyuV/qhaeim2Mxu4IY7MYCZPC1t/9b/c+cVRL9bHEeY+8itbzP2gBDCtRjWfHCntxbYimMRCZxCTEfqv69ljVEvdiELk4Nb7wFww==';
export const P521_KEY =
  'ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAAhj7ZiEYxVlpeRmo4x5LVEMEmG1r4nS+d5sCLWij6bSksZ6OSUPiNb41KLHuiKsS0GXvHkznLpd20Suk013FKIZwDJei8jmh8aWGCmJp0XQ1q36v1ukYDfeo5SbtUyE8DGdTqoXmU29N9efF/CHvWuHz0a0blR90n2imL3DFphNC4apA==';
export const SECURITY_KEY =
  'sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIIJUwympKFD21TndN29IFu4nZFF9peAjVRSvQzFkSA16AAAABHNzaDo=';
export const SECURITY_P256_KEY =
  'sk-ecdsa-sha2-nistp256@openssh.com AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdHAyNTYAAABBBP4dHDsOYH1ARfWq40nEXDGz8Y9lT/IeB30dmNgYp6/VoNLwycIM8mA0/M4xQpTgH65hH0n8IFK0L6c9yyeqQ3cAAAAEc3NoOg==';

/** What `--ssh-key` takes. */
export function encodeKey(line: string): string {
  return Buffer.from(line).toString('base64');
}
