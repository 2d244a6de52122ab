import { makeToken } from "./oidc-token.ts";

interface Rule {
  host: string;
  method: string;
  path: RegExp;
  query?: [name: string, value: string];
  answer: (url: URL) => Response;
}

const TEAM = {
  id: "team_sandlot",
  slug: "sandlot",
  name: "sandlot",
  membership: { role: "OWNER" },
  billing: { plan: "hobby" },
};
const PROJECT = { id: "prj_sandlot", name: "local", accountId: TEAM.id };
const USER = { id: "user_sandlot", username: "sandlot", defaultTeamId: TEAM.id };
const PAGE = { count: 1, next: null };
// The clients keep a renewed token on disk, where programs find it that use the real cloud. So it must not
// be good for long.
const RENEWED_MS = 10 * 60 * 1_000;

/** What the vendor's clients ask other services of the vendor for, and what they are told instead. */
const RULES: Rule[] = [
  {
    host: "vercel.com",
    method: "GET",
    path: /^\/api\/v2\/user$/,
    answer: () => Response.json({ user: USER }),
  },
  {
    host: "vercel.com",
    method: "GET",
    path: /^\/api\/v2\/teams$/,
    answer: () => Response.json({ teams: [TEAM], pagination: PAGE }),
  },
  {
    host: "vercel.com",
    method: "GET",
    path: /^\/api\/v2\/teams\/[^/]+$/,
    answer: () => Response.json(TEAM),
  },
  {
    host: "vercel.com",
    method: "GET",
    path: /^\/api\/v2\/projects\/[^/]+$/,
    answer: () => Response.json(PROJECT),
  },
  {
    host: "vercel.com",
    method: "POST",
    path: /^\/api\/v11\/projects$/,
    answer: () => Response.json(PROJECT),
  },
  {
    host: "api.vercel.com",
    method: "POST",
    path: /^\/v1\/projects\/[^/]+\/token$/,
    query: ["source", "vercel-oidc-refresh"],
    answer: () => Response.json({ token: makeToken({ expiresAt: Date.now() + RENEWED_MS }) }),
  },
  {
    host: "telemetry.vercel.com",
    method: "POST",
    path: /^\/api\/sandbox-cli\//,
    answer: () => new Response(null, { status: 204 }),
  },
];

/** The answer in the vendor's stead; undefined for what goes on to where it was sent. */
export function offlineAnswer(url: URL, method: string): Response | undefined {
  return RULES.find(
    (rule) =>
      rule.host === url.hostname &&
      rule.method === method &&
      rule.path.test(url.pathname) &&
      (!rule.query || url.searchParams.get(rule.query[0]) === rule.query[1]),
  )?.answer(url);
}
