import { cookies } from "next/headers";
import { LAYOUT_COOKIE, toPanelLayout } from "@/components/project/panel-layout.ts";
import { ProjectPage } from "@/components/project/project-page.tsx";

/** One project. */
export default async function Page({ params }: { params: Promise<{ projectId: string }> }) {
  const { projectId } = await params;
  const layout = toPanelLayout((await cookies()).get(LAYOUT_COOKIE)?.value);
  return <ProjectPage projectId={projectId} layout={layout} />;
}
