import { Link } from "react-router";
import { PageTitle } from "../components/PageTitle";

/** An address that leads nowhere. */
export default function NotFound({ what = "page" }: { what?: string }) {
  return (
    <div className="narrow">
      <PageTitle title={`No such ${what}`} />
      <p className="lead">The address may be mistyped, or what was here is gone.</p>
      <p className="actions">
        <Link className="button button--primary" to="/">
          See what is on sale
        </Link>
      </p>
    </div>
  );
}
