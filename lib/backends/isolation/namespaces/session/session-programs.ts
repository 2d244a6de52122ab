/** The host's own programs, by paths that no variable of anybody's leads astray. */
const HOST_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

/** All that a program of ours is started with. Libmount's older way takes long options. */
export const HOST_ENVIRONMENT = {
  PATH: HOST_PATH,
  LC_ALL: "C",
  LIBMOUNT_FORCE_MOUNT2: "always",
} as const;
