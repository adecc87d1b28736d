import Settings
import Events
import EventLoop
import Glibc
import Node
import Progress
import Threads
package import Terminal

/// Runs any command and publishes its progress.
package enum RunCommand: Command {
    package static let name = "run"
    package static let summary = "run a command and publish the progress in its output"

    private struct Options: Sendable {
        /// The target of events.
        enum Way: Sendable { case redis, nodes }

        var access = NodeAccess()
        var way: Way?
        var intervalMilliseconds = RunLimits.intervalMilliseconds
        var isQuiet = false
    }

    private static let settings: [Setting<Options>] =
        [
            Setting("--every", [], "TIME", "time between two progress events (500ms)") {
                (options, text) throws(SettingError) in
                options.intervalMilliseconds = try SettingValue.milliseconds(text, in: 50...3_600_000)
            },
            Setting("--quiet", [], nil, "print no warnings about events that could not be published") {
                (options, text) throws(SettingError) in options.isQuiet = true
            },
        ]
        + NodeAccess.settings.map { setting in
            // The last one named decides; a flag overrides the environment.
            let isURL = setting.flag == "--url"
            let summary =
                isURL ? "URL of a node or of the load balancer, instead of Redis; may be repeated" : setting.summary
            return setting.inside(\.access).described(summary).also {
                if setting.flag == "--url" { $0.way = .nodes }
                if setting.subject == "--redis" { $0.way = .redis }
            }
        }

    package static var manual: Manual {
        Manual(
            usage: ["run [FLAGS] TASK -- COMMAND [ARGUMENT...]"],
            text: [
                "The command's output, standard error and exit code pass through untouched; the code is 128+N where "
                    + "signal N killed it. fantail forwards its signals to the command. It publishes the progress in "
                    + "the output: percentages, n/m, ffmpeg's time= and -progress, rsync's --info=progress2; at the "
                    + "end completed, or failed with the exit code and the last line of standard error. A separate "
                    + "process publishes, so the command does not notice when Redis or the node is away, or that "
                    + "process is killed.",
                "Events go directly to Redis (--redis), or with --url to a node over HTTP, with a token that has the "
                    + "scope publish. The output is a pipe, not a terminal: some programs then write their progress "
                    + "rarely or not at all, unless told to (stdbuf -oL, --progress).",
            ],
            examples: [
                Example("a film", "fantail run film_1 -- ffmpeg -i in.mov -c:v libx264 out.mp4"),
                Example(
                    "a backup, from cron", "fantail run backup --quiet -- rsync -a --info=progress2 /home/ nas:/home/"),
                Example(
                    "a build on a machine that can reach only nodes",
                    "fantail run build_7 --url https://fantail.example.com -- ninja"),
                Example("in another terminal", "fantail watch film_1 backup build_7"),
            ],
            flags: Flag.all(settings), wrapsCommand: true)
    }

    package static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        let (task, options, words) = try understand(arguments, environment)
        openStandardStreams()
        let mask = SignalForwarding.block()
        let reset = ignoreBrokenPipes()
        let complain: @Sendable (String) -> Void = { words in
            if !options.isQuiet { StandardError.write("fantail: \(task.text): not published: \(words)\n") }
        }
        let reporter = ReporterProcess { socket in
            guard let reporter = Self.reporter(task, options, program: words[0], complain) else { return }
            ReportReceiver.run(from: socket, to: reporter, complain)
        }
        if reporter == nil {
            complain("could not start the process that publishes: \(String(cString: strerror(errno)))")
        }
        let begin = Monotonic.milliseconds
        let exitCode: Int32
        let report: RunReport
        do throws(CommandStartFailure) {
            // Everything that the system could refuse comes before the command.
            let pipes = try CommandPipes()
            let relays = try Relays(pipes, to: reporter)
            let forwarding = try SignalForwarding()
            let command = try RunningCommand(words, into: pipes, mask: mask, reset: reset)
            forwarding.begin(to: command)
            let end = command.wait()
            close(pipes.whileItRuns)
            relays.finish()
            exitCode = end.exitCode
            report = .ended(status: end.status, milliseconds: Monotonic.milliseconds - begin)
        } catch {
            StandardError.write("fantail: \(error.message)\n")
            exitCode = error.exitCode
            report = .notStarted(exitCode: error.exitCode, reason: error.message)
        }
        if let trouble = reporter.flatMap({ finish($0, with: report) }) { complain("the end: \(trouble)") }
        exit(exitCode)
    }

    /// Sends the last report, and waits, within the bound, until it is published; returns a reason not yet reported.
    private static func finish(_ reporter: ReporterProcess, with report: RunReport) -> String? {
        let deadline = Monotonic.milliseconds + UInt64(RunLimits.endMilliseconds + RunLimits.reporterMilliseconds)
        _ = reporter.tell(report, until: deadline)
        return reporter.finish(until: deadline)
    }

    /// The task, the options, and the command's words, which follow `--`.
    private static func understand(
        _ arguments: [String], _ environment: [String: String]
    ) throws(CommandFailure) -> (Identifier, Options, [String]) {
        let own = arguments.prefix { $0 != "--" }
        let words = Array(arguments.dropFirst(own.count + 1))
        let (options, names) = try read(settings, defaults: Options(), Array(own), environment)
        guard names.count == 1, !words.isEmpty else {
            throw .usage("expected a task and, behind --, a command: fantail run film_1 -- ffmpeg -i in.mov out.mp4")
        }
        guard let task = Identifier(names[0]) else { throw .usage(TaskName.expectation(names[0])) }
        return (task, options, words)
    }

    /// Nil where nothing can be published; the command still runs.
    private static func reporter(
        _ task: Identifier, _ options: Options, program: String, _ complain: @escaping @Sendable (String) -> Void
    ) -> ProgressReporter? {
        let sink: any EventSink
        do throws(CommandFailure) {
            if options.way == .nodes {
                let authorization = try options.access.authorization(scopes: ["publish"])
                sink = NodeSink(
                    task: task, nodes: options.access.nodes, authorization: authorization,
                    authorities: options.access.authorities)
            } else {
                sink = try RedisSink(task: task, configuration: options.access.redis)
            }
        } catch {
            complain(error.message)
            return nil
        }
        let start = RunEvents.start(program: String(program.split(separator: "/").last ?? ""))
        return ProgressReporter(
            sink: sink, start: start, intervalMilliseconds: options.intervalMilliseconds, complain: complain)
    }

    /// A standard stream that was closed at the start would become the next opened file, and get its bytes.
    private static func openStandardStreams() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// A reader that is gone must be a write error, so that the command can be told. Returns the signals that the
    /// command must have unchanged.
    private static func ignoreBrokenPipes() -> sigset_t {
        var before = sigaction()
        sigaction(SIGPIPE, nil, &before)
        SignalSource.ignoreBrokenPipes()
        var reset = sigset_t()
        sigemptyset(&reset)
        if unsafeBitCast(before.__sigaction_handler.sa_handler, to: Int.self) == 0 { sigaddset(&reset, SIGPIPE) }
        return reset
    }
}
