import Glibc

/// A child process of the benchmark, with a line protocol.
final class Child {
    let processID: pid_t
    private let input: Int32
    private let output: Int32
    private var pending: [UInt8] = []

    /// Starts `arguments`; `quiet` discards its standard error.
    init(_ arguments: [String], quiet: Bool = true) {
        var toChild: [Int32] = [0, 0]
        var fromChild: [Int32] = [0, 0]
        pipe(&toChild)
        pipe(&fromChild)
        for end in [toChild[1], fromChild[0]] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
        if quiet { posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) }
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { strings.forEach { free($0) } }
        var started = pid_t()
        let status = posix_spawnp(&started, arguments[0], &actions, nil, &strings, environ)
        guard status == 0 else {
            FantailBench.fail("cannot start \(arguments[0]): \(String(cString: strerror(status)))")
        }
        processID = started
        input = toChild[1]
        output = fromChild[0]
        close(toChild[0])
        close(fromChild[1])
    }

    /// This program in another role; `wrap` changes its command.
    static func own(_ role: String, _ arguments: [String], as wrap: ([String]) -> [String] = { $0 }) -> Child {
        Child(wrap([Self.ownPath, role] + arguments), quiet: false)
    }

    static var ownPath: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func send(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
    }

    /// The next line of its output; ends the benchmark when it has died.
    func line() -> [String] {
        while true {
            if let end = pending.firstIndex(of: 0x0A) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeSubrange(...end)
                return line.split(separator: " ").map(String.init)
            }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { FantailBench.fail("a process of the benchmark has ended too early") }
            pending += buffer.prefix(count)
        }
    }

    /// Waits until it has ended by itself.
    func wait() { waitpid(processID, nil, 0) }

    /// Ends the process and waits.
    func stop() {
        kill(processID, SIGTERM)
        waitpid(processID, nil, 0)
        close(input)
        close(output)
    }

    /// Nanoseconds of processor time its threads have used (/proc/PID/task/*/schedstat).
    var processorTime: UInt64 {
        guard let folder = opendir("/proc/\(processID)/task") else { return 0 }
        defer { closedir(folder) }
        var total: UInt64 = 0
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            let text = ProcFile.read("/proc/\(processID)/task/\(name)/schedstat")
            total += text.split(separator: " ").first.flatMap { UInt64($0) } ?? 0
        }
        return total
    }

    /// The processor times of its threads so far.
    var processorTimes: ProcessorTimes {
        // The fields after the name, which may hold blanks: 12 and 13 are utime and stime, in clock ticks (proc(5)).
        let text = ProcFile.read("/proc/\(processID)/stat")
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ").map { Int($0) ?? 0 }
        guard fields.count > 13 else { return ProcessorTimes(total: processorTime, userTicks: 0, systemTicks: 0) }
        return ProcessorTimes(total: processorTime, userTicks: fields[12], systemTicks: fields[13])
    }

    /// Kilobytes of memory of its own (RssAnon of /proc/PID/status).
    var ownMemory: Int {
        let lines = ProcFile.read("/proc/\(processID)/status").split(separator: "\n")
        let line = lines.first { $0.hasPrefix("RssAnon:") } ?? ""
        return Int(line.filter(\.isNumber)) ?? 0
    }
}

/// Small files of the kernel.
enum ProcFile {
    static func read(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = Glibc.read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}

/// Monotonic time.
enum Clock {
    static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    static func sleep(until deadline: UInt64) {
        let now = nanoseconds
        if deadline > now { usleep(UInt32((deadline - now) / 1000)) }
    }
}
