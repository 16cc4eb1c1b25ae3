import type { AssetPlace } from '@nmcp/scans';
import type { Child } from 'hono/jsx';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { FilterForm, TextField } from './forms.tsx';

/** Which assets a page is about, as its query string says. */
export type PlaceQuery = Pick<AssetPlace, 'network' | 'tag' | 'owner'>;

/** The bar that chooses assets, with further fields. */
export function PlaceFilter({
  action,
  place: { network, tag, owner },
  children,
}: {
  action: string;
  place: PlaceQuery;
  children?: Child;
}): JSX.Element {
  return (
    <FilterForm action={action}>
      {children}
      <TextField word="Host or network" name="network" value={network} placeholder="10.0.0.0/24" />
      <TextField word="Tag" name="tag" value={tag} />
      <TextField word="Owner" name="owner" value={owner} />
    </FilterForm>
  );
}
