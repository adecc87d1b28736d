import JSON
import Progress

/// The events of a run command. None contains its arguments: these may hold passwords.
enum RunEvents {
    /// The command has started; a restart where the task had ended before.
    static func start(program: String) -> [UInt8] {
        object(type: "progress") { writer in
            writer.key("status")
            writer.string("RUNNING" as StaticString)
            writer.key("progress")
            writer.integer(0)
            writer.key("message")
            writer.string(program)
            writer.key("restart")
            writer.bool(true)
        }
    }

    /// The command's progress.
    static func progress(_ reading: Reading) -> [UInt8] {
        object(type: "progress") { writer in
            writer.key("status")
            writer.string("RUNNING" as StaticString)
            if let percent = reading.percent {
                writer.key("progress")
                write(percent, to: &writer)
            }
            if let seconds = reading.remainingSeconds {
                writer.key("estimatedTimeRemaining")
                writer.integer(seconds)
            }
            if let message = reading.message {
                writer.key("message")
                writer.string(message)
            }
        }
    }

    /// The command has ended: `completed` with exit code 0, else `failed` with the last line of standard error.
    static func end(_ end: CommandEnd, milliseconds: UInt64, lastError: String) -> [UInt8] {
        guard end != .exited(0) else {
            return object(type: "completed") { writer in
                writer.key("result")
                writer.beginObject()
                writer.key("exitCode")
                writer.integer(0)
                writer.key("seconds")
                write(Double(milliseconds) / 1000, to: &writer)
                writer.endObject()
            }
        }
        return object(type: "failed") { writer in
            writer.key("error")
            writer.beginObject()
            writer.key("code")
            writer.string(code(end))
            writer.key("message")
            writer.string(lastError.isEmpty ? end.words : lastError)
            writer.key("details")
            writer.string(end.words)
            writer.key("retryable")
            writer.bool(false)
            writer.endObject()
            writer.key("exitCode")
            writer.integer(Int64(end.exitCode))
        }
    }

    /// The process that ran the command is gone without a report of the end.
    static func lost() -> [UInt8] {
        object(type: "failed") { writer in
            writer.key("error")
            writer.beginObject()
            writer.key("code")
            writer.string("RUN_KILLED")
            writer.key("message")
            writer.string("fantail run was killed, so the command's result is not known")
            writer.key("retryable")
            writer.bool(true)
            writer.endObject()
        }
    }

    private static func code(_ end: CommandEnd) -> String {
        switch end {
        case .exited(let code): "EXIT_\(code)"
        case .killed(let signal): "SIGNAL_\(signal)"
        }
    }

    /// A number with at most one decimal place; unchanged where it is too large for that.
    private static func write(_ number: Double, to writer: inout JSONWriter) {
        guard let tenths = Int(exactly: (number * 10).rounded()) else { return writer.double(number) }
        if tenths % 10 == 0 { writer.integer(tenths / 10) } else { writer.double(Double(tenths) / 10) }
    }

    private static func object(type: StaticString, _ fields: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.key("type")
        writer.string(type)
        fields(&writer)
        writer.endObject()
        return writer.bytes
    }
}
