import Link from "next/link";

/** What stands at an address where there is nothing. */
export default function NotFound() {
  return (
    <main className="flex h-dvh flex-col items-center justify-center gap-2 p-6 text-center">
      <h1 className="text-base font-semibold">There is no such page</h1>
      <p className="text-muted-foreground">The address may be misspelt, or its project deleted.</p>
      <Link href="/" className="mt-2 font-medium text-primary underline underline-offset-2">
        All projects
      </Link>
    </main>
  );
}
