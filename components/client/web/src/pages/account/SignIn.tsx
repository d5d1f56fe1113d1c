import { Link } from "react-router";
import { Entrance } from "./Entrance";

export default function SignIn() {
  return (
    <Entrance
      route="signin"
      title="Sign in"
      lead="Good to see you again."
      other={(query) => (
        <>
          New here? <Link to={`/signup${query}`}>Create an account</Link>
        </>
      )}
    />
  );
}
