/** MBX8xxx: the command line, the files that it names, and the tools that a build needs. */
import { define, type Family } from "./define.ts";

export const usage = {
  MBX8001: define<{ command: string }>({
    severity: "error",
    message: ({ command }) => `there is no command \`${command}\``,
    explain: {
      cause: "The first word after `mbx` names a command. `mbx --help` lists them.",
      failing: "mbx chek ids.mbx",
      repair: "mbx check ids.mbx",
    },
  }),
  MBX8002: define<{ flag: string; command: string }>({
    severity: "error",
    message: ({ flag, command }) => `\`${command}\` has no flag \`${flag}\``,
    explain: {
      cause: "Each command has flags of its own. `mbx COMMAND --help` lists them.",
      failing: "mbx check --fromat=json ids.mbx",
      repair: "mbx check --format=json ids.mbx",
    },
  }),
  MBX8003: define<{ flag: string; value: string }>({
    severity: "error",
    message: ({ flag, value }) => `\`${flag}\` needs a value: ${value}`,
    explain: {
      cause: "The flag was given without the value that belongs to it.",
      failing: "mbx run ids.mbx --capture",
      repair: "mbx run ids.mbx --capture in.pcap",
    },
  }),
  MBX8004: define<{ flag: string }>({
    severity: "error",
    message: ({ flag }) => `\`${flag}\` takes no value`,
    explain: {
      cause: "The flag is either given or not; it has nothing to choose.",
      failing: "mbx run ids.mbx --capture in.pcap --json=yes",
      repair: "mbx run ids.mbx --capture in.pcap --json",
    },
  }),
  MBX8005: define<{ flag: string; value: string; expected: string }>({
    severity: "error",
    message: ({ flag, value, expected }) => `\`${value}\` is not a value of \`${flag}\`: ${expected}`,
    explain: {
      cause: "The flag's value is not one of those that it can have. The message lists them.",
      failing: "mbx run ids.mbx --capture in.pcap --burst 1000",
      repair: "mbx run ids.mbx --capture in.pcap --burst 256",
    },
  }),
  MBX8006: define<{ flag: string }>({
    severity: "error",
    message: ({ flag }) => `\`${flag}\` is given twice`,
    explain: {
      cause: "The flag can have one value only, and which of the two is meant cannot be known.",
      failing: "mbx run ids.mbx --capture one.pcap --capture two.pcap",
      repair: "mbx run ids.mbx --capture one.pcap",
    },
  }),
  MBX8007: define<{ command: string; operand: string }>({
    severity: "error",
    message: ({ command, operand }) => `\`${command}\` needs ${operand}`,
    explain: {
      cause: "The command was given nothing to work on.",
      failing: "mbx build",
      repair: "mbx build ids.mbx",
    },
  }),
  MBX8008: define<{ argument: string; command: string; takes: string }>({
    severity: "error",
    message: ({ argument, command, takes }) =>
      `\`${command}\` takes ${takes}; \`${argument}\` is one too many`,
    explain: {
      cause: "The command was given more arguments than it takes.",
      failing: "mbx build ids.mbx l4.mbx",
      repair: "mbx build ids.mbx",
    },
  }),
  MBX8010: define<{ flag: string; needs: string }>({
    severity: "error",
    message: ({ flag, needs }) => `\`${flag}\` means something only together with \`${needs}\``,
    explain: {
      cause: "The flag changes how another works, and that other was not given.",
      failing: "mbx run ids.mbx --port client=net_tap0 --port server=net_tap1 --speed max",
      repair: "mbx run ids.mbx --capture in.pcap --speed max",
    },
  }),
  MBX8015: define<{ flag: string; value: string; form: string }>({
    severity: "error",
    message: ({ flag, value, form }) => `\`${flag} ${value}\` is not of the form ${form}`,
    explain: {
      cause: "The value has parts, and they are told apart by the signs between them.",
      failing: "mbx run ids.mbx --capture in.pcap --set checksum=trust",
      repair: "mbx run ids.mbx --capture in.pcap --set web.checksum=trust",
    },
  }),
  MBX8016: define<{ stack: string; program: string }>({
    severity: "error",
    message: ({ stack, program }) => `\`${program}\` has no stack \`${stack}\``,
    explain: {
      cause:
        "`--set STACK.OPTION=VALUE` changes an option of a stack of the program. No stack has this name.",
      failing: "mbx run ids.mbx --capture in.pcap --set wbe.checksum=trust",
      repair: "mbx run ids.mbx --capture in.pcap --set web.checksum=trust",
    },
  }),
  MBX8017: define<{ file: string; reason: string }>({
    severity: "error",
    message: ({ file, reason }) => `\`${file}\` cannot be read: ${reason}`,
    explain: {
      cause: "The file that the command line names is not there, or may not be read.",
      failing: "mbx check isd.mbx",
      repair: "mbx check ids.mbx",
    },
  }),
  MBX8018: define<{ path: string }>({
    severity: "error",
    message: ({ path }) => `\`${path}\` is a folder, and a \`.mbx\` file is needed`,
    explain: {
      cause: "A program is one `.mbx` file with what it imports; a folder may hold several.",
      failing: "mbx check samples/ids",
      repair: "mbx check samples/ids/ids.mbx",
    },
  }),
  MBX8019: define<{ file: string }>({
    severity: "error",
    message: ({ file }) => `\`${file}\` is not a \`.mbx\` file`,
    explain: {
      cause: "The commands work on `.mbx` files; handlers are found through them.",
      failing: "mbx build dpi.c",
      repair: "mbx build ids.mbx",
    },
  }),
  MBX8020: define<{ code: string }>({
    severity: "error",
    message: ({ code }) => `there is no code \`${code}\``,
    explain: {
      cause: "Codes are `MBX` and four digits. `mbx explain` lists all of them.",
      failing: "mbx explain MBX0000",
      repair: "mbx explain MBX8020",
    },
  }),
  MBX8021: define<{ files: readonly string[] }>({
    severity: "error",
    message: ({ files }) =>
      `${files.map((file) => `\`${file}\``).join(", ")} ${files.length === 1 ? "exists" : "exist"} already, and \`mbx init\` overwrites nothing`,
    explain: {
      cause: "`mbx init` writes a new chain. A file that it would write is already there.",
      failing: "mbx init .",
      repair: "mbx init first",
    },
  }),
  MBX8022: define<{ path: string; reason: string }>({
    severity: "error",
    message: ({ path, reason }) => `\`${path}\` cannot be written: ${reason}`,
    explain: {
      cause: "A file or folder that the command makes could not be made.",
      failing: "mbx build ids.mbx -o /proc/ids",
      repair: "mbx build ids.mbx -o build",
    },
  }),
  MBX8023: define<{ tool: string; use: string }>({
    severity: "error",
    message: ({ tool, use }) => `${tool} is not installed, and ${use} needs it`,
    explain: {
      cause:
        "A build needs a C compiler, cmake, ninja, pkg-config and DPDK's headers. `npm run setup` in the clone installs what is missing.",
      failing: "mbx build ids.mbx --cc clang",
      repair: "mbx build ids.mbx --cc gcc",
    },
  }),
  MBX8024: define<{ folder: string; pid: number }>({
    severity: "error",
    message: ({ folder, pid }) => `\`${folder}\` is being built by process ${pid}, which does not finish`,
    explain: {
      cause:
        "Two builds into one folder take turns. The other one has held its turn for minutes and is still alive.",
      failing: "mbx build ids.mbx",
      repair: "mbx build ids.mbx -o other",
    },
  }),
  MBX8025: define<{ file: string; folder: string }>({
    severity: "error",
    message: ({ file, folder }) => `\`${file}\` is not built: there is no program in \`${folder}\``,
    explain: {
      cause: "`mbx explain-plan --object` reads the object that `mbx build` made, and there is none yet.",
      failing: "mbx explain-plan ids.mbx --object",
      repair: "mbx build ids.mbx",
    },
  }),
  MBX8026: define<{ name: string }>({
    severity: "error",
    message: ({ name }) => `a chain cannot be called \`${name}\``,
    explain: {
      cause:
        "`mbx init DIR` names the chain after the folder. A name begins with a letter and has letters, digits and `_`.",
      failing: "mbx init 123",
      repair: "mbx init first",
    },
  }),
  MBX8027: define<Record<never, never>>({
    severity: "error",
    message: () => "too many files are open: the system allows this process no more",
    explain: {
      cause:
        "A process may have so many files open at once and no more; `ulimit -n` prints how many. " +
        "The compiler and its tools need some hundred.",
      failing: "ulimit -n 20; mbx build ids.mbx",
      repair: "ulimit -n 1024; mbx build ids.mbx",
    },
  }),
  MBX8028: define<{ capture: string; out: string }>({
    severity: "error",
    message: ({ capture, out }) =>
      `\`--out ${out}\` is the capture \`${capture}\` itself, which would be lost`,
    explain: {
      cause:
        "The capture is read while the output is written. Both names lead to one file, perhaps through a link.",
      failing: "mbx run ids.mbx --capture in.pcap --out in.pcap",
      repair: "mbx run ids.mbx --capture in.pcap --out out.pcap",
    },
  }),
  MBX8029: define<{ chain: string; event: string; from: string; to: string }>({
    severity: "error",
    message: ({ chain, event, from, to }) =>
      `chain \`${chain}\` cannot have a stack for each function: \`${from}\` publishes ${event}, and \`${to}\` hears it`,
    explain: {
      cause:
        "`--no-consolidate` gives each network function a stack of its own, to measure what sharing one saves. " +
        "What one publishes reaches another through the stack that both share.",
      failing: "mbx run ids.mbx --capture in.pcap --no-consolidate",
      repair: "mbx run ids.mbx --capture in.pcap",
    },
  }),
} satisfies Family<"MBX8">;
