/**
 * MBX7xxx: start and run time: devices, captures, memory, handlers that throw.
 * The codes are those of runtime/control/errors.ts; 79xx are said by the scripts
 * of a clone. What a message says is made where it happens: in the dataplane, in
 * a program's control, in a script.
 */
import type { RunCode } from "../../../runtime/control/errors.ts";
import type { Severity } from "../diagnostic.ts";
import { type Definition, define, type Family } from "./define.ts";

interface Said {
  readonly text: string;
}

type RunTable = { readonly [C in RunCode]: Definition<Said> };

function said(severity: Severity, cause: string, failing: string, repair: string): Definition<Said> {
  return define<Said>({ severity, message: ({ text }) => text, explain: { cause, failing, repair } });
}

const LIVE =
  "mbx run ids.mbx --port client=net_af_packet0,iface=eth0 --port server=net_af_packet1,iface=eth1";
const REPLAY = "mbx run ids.mbx --capture in.pcap";

const machine = {
  MBX7001: said(
    "error",
    "The device string names a network interface, or a PCI address, that this machine does not have. `ip link` lists the interfaces; a PCI device must be bound to a driver for user space.",
    LIVE.replace("iface=eth0", "iface=eht0"),
    LIVE,
  ),
  MBX7002: said(
    "error",
    "Raw access to a network interface needs root, or the capability CAP_NET_RAW. Captures can be read without.",
    LIVE,
    `sudo ${LIVE}`,
  ),
  MBX7003: said(
    "error",
    "All memory is taken at the start: for packets in flight, for the flow table (`flows` of the stack) and for what is held out of order (`buffer`). This machine, or the limit of this process, has less than that.",
    `${REPLAY} --set web.flows=100_000_000`,
    `${REPLAY} --set web.flows=100_000`,
  ),
  MBX7004: said(
    "error",
    "A device is named as DPDK names it: a driver with a number and its arguments, or a PCI address. Two ports need two names: `net_af_packet0` and `net_af_packet1`.",
    "mbx run ids.mbx --port client=eth0 --port server=eth1",
    LIVE,
  ),
  MBX7005: said(
    "error",
    "No driver of the installed DPDK knows the device. Those that need no special hardware are net_af_packet, net_tap, net_memif, net_ring and net_null, each followed by a number.",
    LIVE.replace("net_af_packet0", "net_afpacket0"),
    LIVE,
  ),
  MBX7006: said(
    "error",
    "The driver knows the device and cannot open it. The message says what it answered; another program may be using the device.",
    LIVE,
    LIVE,
  ),
  MBX7007: said(
    "error",
    "DPDK's environment could not be started. The message has what DPDK said last.",
    REPLAY,
    REPLAY,
  ),
  MBX7008: said(
    "error",
    "A PCI device reads and writes memory by itself and needs hugepages for it; all else runs without. The message says how many.",
    "mbx run ids.mbx --port client=0000:00:05.0 --port server=0000:00:06.0",
    "sysctl vm.nr_hugepages=512 && mbx run ids.mbx --port client=0000:00:05.0 --port server=0000:00:06.0",
  ),
  MBX7009: said(
    "error",
    "The dataplane stopped for a reason that has no code of its own. The message says which.",
    REPLAY,
    REPLAY,
  ),
  MBX7010: said(
    "warning",
    "When a program ends, its workers get time to handle what was sent to them. One handled nothing for some seconds, and the rest was given up: a handler that does not return, or one that is far too slow.",
    LIVE,
    LIVE,
  ),
  MBX7011: said(
    "warning",
    "The device of a port went away while the program ran: a virtual interface was removed or renamed, a card was unplugged. What would leave by it is dropped and counted as `dropped.transmit`; everything else goes on. A new interface of the same name is another one: start the program again to use it. If the device is still away at the end, the exit code is 1.",
    LIVE,
    LIVE,
  ),
  MBX7012: said(
    "warning",
    "The network interface of a port is down. Nothing arrives by it, and what would leave by it is dropped and counted as `dropped.transmit`, until it is up: `ip link set dev NAME up`.",
    LIVE,
    `ip link set dev eth0 up && ${LIVE}`,
  ),
  MBX7013: said(
    "warning",
    "The network interface of a port was down and is up again: frames pass.",
    LIVE,
    LIVE,
  ),
  MBX7014: said(
    "warning",
    "Frames arrive at a network interface that are longer than the ring of a packet socket takes. Half a frame would be another one, so they are not received; they count as `missed` of the port. Either the MTU of the link is above 1960, or the kernel joins segments to large ones before we see them: `ethtool -K NAME gro off lro off`, and on the other end of a veth pair `tso off gso off`.",
    LIVE,
    `ethtool -K eth0 gro off lro off && ${LIVE}`,
  ),
  MBX7015: said(
    "warning",
    "`cores N` of the stacks asks for N lcores, and one more receives and shares packets out unless the devices do; `place NF on CORE` gives a function in C a thread on that core. This machine, or an affinity mask (taskset, a container), has fewer CPUs for this process. It runs, and is right, but slower than with fewer cores: lcores wait for each other.",
    `taskset -c 0,1 ${REPLAY} --set web.cores=2`,
    `taskset -c 0-2 ${REPLAY} --set web.cores=2`,
  ),
  MBX7016: said(
    "warning",
    "`place` gives a function in C a core that this machine does not have, or that an affinity mask (taskset, a container) keeps from this process. It runs on another one, with the same results.",
    `taskset -c 0 ${REPLAY}`,
    REPLAY,
  ),
  MBX7017: said(
    "warning",
    "Where functions may drop, bytes are remembered until the receiver has acknowledged them: a copy is compared with them, and one that nobody can compare would be dropped for as long as its sender repeats it. When `buffer` is full of such bytes, packets with more of them are dropped and nobody hears them. On a link their senders repeat them and send more slowly; in a capture nobody does. `buffer` needs about four times what all connections together have on their way.",
    `${REPLAY} --set web.buffer=64KB`,
    `${REPLAY} --set web.buffer=256MB`,
  ),
  MBX7018: said(
    "error",
    "`--rss device` lets the devices share packets out to the instances of `cores N`. That takes of each device as many queues as there are instances, a table and a key that can be set (RSS), and a hash of what the stacks go by: the addresses of IPv4 and IPv6, and with `fragments 0` the ports of TCP, and of UDP where somebody hears datagrams. Interfaces of the kernel (net_af_packet), rings and memifs have none of this. With `--rss auto` one lcore more does it where the devices cannot.",
    `${LIVE} --set web.cores=2 --rss device`,
    `${LIVE} --set web.cores=2`,
  ),
} as const;

const captures = {
  MBX7101: said("error", "There is no file of this name.", "mbx run ids.mbx --capture missing.pcap", REPLAY),
  MBX7102: said(
    "error",
    "The file begins like neither a pcap nor a pcapng file. A compressed capture must be unpacked first.",
    "mbx run ids.mbx --capture in.pcap.gz",
    `gunzip in.pcap.gz && ${REPLAY}`,
  ),
  MBX7103: said(
    "warning",
    "The file ends in the middle of a packet, or a length in it cannot be. What came before was processed; nothing, where it ends within its own header. The recording was perhaps interrupted, or the file copied in part.",
    "mbx run ids.mbx --capture cut-off.pcap",
    REPLAY,
  ),
  MBX7104: said(
    "error",
    "Packets of a capture begin with a header that the file names: Ethernet, raw IP, Linux cooked (both versions) and BSD loopback are read. This one has another, such as Wi-Fi or USB.",
    "mbx run ids.mbx --capture usb.pcap",
    REPLAY,
  ),
  MBX7105: said(
    "error",
    "The file is there and cannot be read: a matter of permissions, or of the disk. The message says which.",
    "mbx run ids.mbx --capture secret.pcap",
    REPLAY,
  ),
  MBX7106: said(
    "error",
    "The file for forwarded packets cannot be created.",
    `${REPLAY} --out missing-folder/out.pcap`,
    `${REPLAY} --out out.pcap`,
  ),
  MBX7107: said(
    "error",
    "The file for forwarded packets is not whole: the disk is full, or it cannot hold packets of several link types, which a file named `.pcapng` can.",
    `${REPLAY} --out /dev/full`,
    `${REPLAY} --out out.pcapng`,
  ),
} as const;

const ports = {
  MBX7201: said(
    "error",
    "On devices, every port of a program's chains needs one.",
    "mbx run ids.mbx --port client=net_af_packet0,iface=eth0",
    LIVE,
  ),
  MBX7202: said("error", "A port has one device.", LIVE.replace("server=", "client="), LIVE),
  MBX7203: said(
    "error",
    "The chains of the program have no port of this name.",
    LIVE.replace("server=", "sever="),
    LIVE,
  ),
  MBX7204: said(
    "error",
    "A program needs packets: from a capture, or from devices.",
    "mbx run ids.mbx",
    REPLAY,
  ),
  MBX7205: said(
    "error",
    "Packets come from a capture or from devices, not from both.",
    `${LIVE} --capture in.pcap`,
    REPLAY,
  ),
} as const;

const handlers = {
  MBX7301: said(
    "error",
    "A handler threw an error. The report has the event, its flow and the line of the handler; `on_error` of the network function decides what becomes of the packet, and the chain goes on. After ten reports they are only counted.",
    REPLAY,
    REPLAY,
  ),
  MBX7302: said(
    "error",
    "The worker of a network function has ended: a handler called `process.exit`, or it ran out of memory. The chain goes on without it.",
    REPLAY,
    REPLAY,
  ),
  MBX7303: said(
    "error",
    "A handler's stub and the program were generated from different declarations, so that they would read each other's fields at wrong places. A new build repairs it.",
    REPLAY,
    `mbx build ids.mbx && ${REPLAY}`,
  ),
  MBX7304: said(
    "error",
    "A handler's module cannot be loaded, threw while it was, or does not export what its stub's function returns: `export default alerts({ … })`.",
    REPLAY,
    REPLAY,
  ),
  MBX7305: said(
    "warning",
    "One call of a handler has taken more than five seconds. Nothing else of this network function happens meanwhile: on devices its events are lost when its queue is full, in replay everything waits for it. When a program ends, a handler in C on a core of its own has one second to return.",
    REPLAY,
    REPLAY,
  ),
  MBX7306: said(
    "warning",
    "A network function is slower than the traffic. Its packet events are dropped first, flow events last; the summary counts them, and its handler `lost` is told.",
    LIVE,
    LIVE,
  ),
  MBX7307: said(
    "error",
    "A promise that a handler made was rejected, and nobody handled that. The chain goes on.",
    REPLAY,
    REPLAY,
  ),
  MBX7308: said(
    "error",
    "The chain says `place NF on CORE`, and this program may not use that core: the machine has fewer, or an affinity mask (taskset, a container) leaves it out. Nothing has started.",
    LIVE,
    LIVE,
  ),
  MBX7309: said(
    "error",
    "A handler in C did what no program may: it read or wrote memory that is not its own, divided by zero, or called `abort`. Handlers in C are part of the program, so it ends with that signal, at once. The line names the chain and its handlers in C of which one ran. Build it with `-g`, or run it in a debugger, to see the line.",
    REPLAY,
    REPLAY,
  ),
  MBX7310: said(
    "error",
    "What handlers print, or the summary of `--json`, could not be written: the disk is full, for instance. The chain goes on, and the exit code is 1. A reader that has gone, as in `mbx run … | head`, is no fault: then the program ends.",
    `${REPLAY} >/dev/full`,
    `${REPLAY} >alerts.txt`,
  ),
  MBX7311: said(
    "error",
    "A handler in C whose network function has `prepares` is asked before the first packet for what its instance needs: its `NF_on_start` gives it, or says why it cannot. Then nothing starts: what was opened is closed, and no packet has been taken.",
    REPLAY,
    REPLAY,
  ),
} as const;

const program = {
  MBX7401: said(
    "error",
    "A file of the built program is missing or damaged. A new build writes it again.",
    REPLAY,
    `mbx build ids.mbx && ${REPLAY}`,
  ),
  MBX7402: said(
    "error",
    "The files of the built program are of different builds. A new build writes them all.",
    REPLAY,
    `mbx build ids.mbx && ${REPLAY}`,
  ),
} as const;

const setup = {
  MBX7900: said(
    "error",
    "The set-up script installs for the demo or for the tests.",
    "tools/setup.sh all",
    "tools/setup.sh test",
  ),
  MBX7901: said("error", "Microboxes runs on Node 20 and later.", "npm run demo", "npm run demo"),
  MBX7902: said(
    "error",
    "Builds go into the clone, and this one cannot be written to.",
    "npm run demo",
    "npm run demo",
  ),
  MBX7903: said(
    "error",
    "Programs are missing, and there is no apt-get to install them: Microboxes is built on Debian 12.",
    "npm run demo",
    "npm run demo",
  ),
  MBX7904: said(
    "error",
    "Debian packages are missing, and installing them needs root.",
    "npm run demo",
    "sudo npm run demo",
  ),
  MBX7905: said(
    "error",
    "Debian packages could not be installed; apt-get said why.",
    "npm run demo",
    "npm run demo",
  ),
  MBX7906: said(
    "error",
    "The installed DPDK is of another series than the one this release is written for.",
    "npm run demo",
    "npm run demo",
  ),
  MBX7907: said(
    "error",
    "npm could not install the packages of package-lock.json; it said why.",
    "npm run demo",
    "npm run demo",
  ),
  MBX7910: said(
    "error",
    "The npm packages that `mbx` is made of are not installed.",
    "npx mbx check ids.mbx",
    "npm run setup && npx mbx check ids.mbx",
  ),
} as const;

const raised: RunTable = { ...machine, ...captures, ...ports, ...handlers, ...program };

export const run = { ...raised, ...setup } satisfies Family<"MBX7">;
