import { HomePage } from "@/components/home/home-page.tsx";

/** The studio's first page: a prompt, and what was built before. */
export default function Page() {
  return <HomePage />;
}
