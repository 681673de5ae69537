import { apiError } from './api-error.ts';

export interface Paging {
  PageNumber: number;
  PageSize: number;
  MaxResults?: number | undefined;
  NextToken?: string | undefined;
}

export interface PageFields {
  TotalCount: number;
  PageNumber: number;
  PageSize: number;
  /** Empty after the last page. */
  NextToken: string;
}

/**
 * Cuts one page out of a list. With MaxResults or NextToken the page starts behind the entry that the token names, so
 * entries that arrive in front of it meanwhile are not repeated; otherwise it is counted from PageNumber and PageSize.
 */
export function page<T>(all: T[], paging: Paging, idOf: (entry: T) => string): { entries: T[]; fields: PageFields } {
  const byToken = paging.MaxResults !== undefined || Boolean(paging.NextToken);
  const size = byToken ? (paging.MaxResults ?? 10) : paging.PageSize;
  const start = byToken ? startBehind(all, paging.NextToken, idOf) : (paging.PageNumber - 1) * size;
  const entries = all.slice(start, start + size);
  const last = entries.at(-1);
  const hasMore = byToken && last !== undefined && start + size < all.length;
  const fields = {
    TotalCount: all.length,
    PageNumber: byToken ? 1 : paging.PageNumber,
    PageSize: size,
    NextToken: hasMore ? Buffer.from(idOf(last)).toString('base64url') : '',
  };
  return { entries, fields };
}

function startBehind<T>(all: T[], token: string | undefined, idOf: (entry: T) => string): number {
  if (!token) return 0;
  const id = Buffer.from(token, 'base64url').toString();
  const index = all.findIndex((entry) => idOf(entry) === id);
  if (index < 0) throw apiError('InvalidParameter.NextToken');
  return index + 1;
}
