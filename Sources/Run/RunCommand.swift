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
        var route = Route()
        var intervalMilliseconds = RunLimits.intervalMilliseconds
        var patterns: [LinePattern] = []
        var hasTerminal = false
        var tellsLines = true
        var isQuiet = false
    }

    private static let settings: [Setting<Options>] =
        [
            Setting("--every", [], "TIME", "time between two progress events (500ms)") {
                (options, text) throws(SettingError) in
                options.intervalMilliseconds = try SettingValue.milliseconds(text, in: 50...3_600_000)
            },
            Setting(
                "--pattern", [], "REGEX",
                "finds progress, instead of the known forms: a group for the percentage, or for done and total",
                isRepeatable: true
            ) {
                (options, text) throws(SettingError) in options.patterns.append(try pattern(text))
            },
            Setting(
                "--tty", [], nil,
                "give the command a terminal for its output, for programs that ask for one"
            ) {
                (options, text) throws(SettingError) in options.hasTerminal = true
            },
            Setting("--numbers-only", [], nil, "never publish a line in which no progress is found") {
                (options, text) throws(SettingError) in options.tellsLines = false
            },
            Setting("--quiet", [], nil, "print no warnings about events that could not be published") {
                (options, text) throws(SettingError) in options.isQuiet = true
            },
        ] + Route.settings.map { $0.inside(\.route) }

    private static func pattern(_ text: String) throws(SettingError) -> LinePattern {
        do throws(PatternFault) { return try LinePattern(text) } catch {
            throw SettingError("character \(error.column) of '\(text)': \(error.reason)")
        }
    }

    package static var manual: Manual {
        Manual(
            usage: ["run [FLAGS] TASK -- COMMAND [ARGUMENT...]"],
            text: [
                "The command's output, standard error and exit code pass through untouched; the code is 128+N where "
                    + "signal N killed it. fantail forwards its signals to the command. It publishes the progress in "
                    + "the output, and at the end completed, or failed with the exit code and the last line of "
                    + "standard error. A separate process publishes, so the command does not notice when Redis or the "
                    + "node is away, or that process is killed.",
                "It finds percentages, [12/300], Step 1 of 3, 1.2/5.0 MB and the time left, and reads the output of "
                    + "ffmpeg, rsync, curl, pv, git, apt, pip, tqdm and rich. What only measures something (CPU 93%, "
                    + "batch 32/64 acc 97%) is no progress. For the rest there is --pattern: a regular expression "
                    + "without look-around and back references, of at most \(LinePattern.maxCharacters) characters, "
                    + "whose time is bounded by its size times the line's (\(ReadingLimits.lineBytes) bytes).",
                "By default viewers also see lines in which no number is found: while there is none, the last line of "
                    + "the output is published as the message, at most every "
                    + "\(RunLimits.signOfLifeMilliseconds / 1000) s. Output may hold secrets: --numbers-only switches this off. "
                    + "A line with a number is always published, and so is the last line of standard error when the "
                    + "command fails.",
                "Events go directly to Redis (--redis), or with --url to a node over HTTP, with a token that has the "
                    + "scope publish. The output is a pipe, not a terminal: some programs then write their progress "
                    + "rarely or not at all, unless told to (stdbuf -oL, --progress). With --tty each of the two "
                    + "streams is a terminal of its own, as wide as fantail's.",
            ],
            examples: [
                Example("a film", "fantail run film_1 -- ffmpeg -i in.mov -c:v libx264 out.mp4"),
                Example(
                    "a backup, from cron", "fantail run backup --quiet -- rsync -a --info=progress2 /home/ nas:/home/"),
                Example(
                    "a build on a machine that can reach only nodes",
                    "fantail run build_7 --url https://fantail.example.com -- ninja"),
                Example(
                    "a program with a bar only for terminals", "fantail run train_3 --tty -- python train.py"),
                Example(
                    "a program with words of its own",
                    "fantail run scan_2 --pattern 'checked ([0-9]+) files, ([0-9]+) to go over' -- scan /srv"),
                Example("in another terminal", "fantail watch film_1 backup build_7"),
            ],
            flags: Flag.all(settings), wrapsCommand: true)
    }

    package static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        let (task, options, words) = try understand(arguments, environment)
        openStandardStreams()
        // Where the caller ignores it, the system would forget how the command ended.
        signal(SIGCHLD, SIG_DFL)
        let mask = SignalForwarding.block()
        let reset = ignoreBrokenPipes()
        let complain: @Sendable (String) -> Void = { words in
            if !options.isQuiet { StandardError.line("\(task.text): not published: \(words)") }
        }
        let reporter = ReporterProcess { socket in
            guard let reporter = Self.reporter(task, options, program: words[0], complain) else { return }
            ReportReceiver.run(
                from: socket, to: reporter, OutputReader(patterns: options.patterns),
                tellsLines: options.tellsLines,
                complain)
        }
        if reporter == nil {
            complain("could not start the process that publishes: \(String(cString: strerror(errno)))")
        }
        let begin = Monotonic.milliseconds
        let exitCode: Int32
        let report: RunReport
        do throws(CommandStartFailure) {
            // Everything that the system could refuse comes before the command.
            let pipes = options.hasTerminal ? try CommandPipes.onTerminals() : try CommandPipes()
            let relays = try Relays(pipes, to: reporter)
            var resize: (@Sendable () -> Void)?
            if options.hasTerminal { resize = { pipes.resize() } }
            let forwarding = try SignalForwarding(resize: resize)
            let command = try RunningCommand(words, into: pipes, mask: mask, reset: reset)
            forwarding.begin(to: command)
            let end = command.wait()
            close(pipes.whileItRuns)
            relays.finish()
            exitCode = end.exitCode
            report = .ended(status: end.status, milliseconds: Monotonic.milliseconds - begin)
        } catch {
            StandardError.line(error.message)
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
            sink =
                options.route.isByNodes
                ? NodeSink(task: task, client: try NodeClient(options.route.access, scopes: ["publish"]))
                : try RedisSink(task: task, configuration: options.route.access.redis)
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
