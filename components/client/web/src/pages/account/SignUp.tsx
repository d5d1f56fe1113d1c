import { Link } from "react-router";
import { Entrance } from "./Entrance";

export default function SignUp() {
  return (
    <Entrance
      route="signup"
      title="Create an account"
      lead="To reserve tickets, and to sell your own."
      other={(query) => (
        <>
          Been here before? <Link to={`/signin${query}`}>Sign in</Link>
        </>
      )}
    />
  );
}
