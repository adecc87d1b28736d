package import JSON

/// Statuses, whose words differ by dialect. Unknown words pass unchanged.
package enum StatusWord: CaseIterable {
    case queued, processing, completed, failed

    /// The words that a worker may use, in upper case: those of every dialect.
    private var spellings: [StaticString] {
        switch self {
        case .queued: ["QUEUED"]
        case .processing: ["PROCESSING", "RUNNING"]
        case .completed: ["COMPLETED"]
        case .failed: ["FAILED"]
        }
    }

    /// The status of `text`, compared without case.
    package init?(_ text: some Collection<UInt8>) {
        let match = Self.allCases.first { status in
            status.spellings.contains { spelling in
                text.count == spelling.utf8CodeUnitCount
                    && zip(text, UnsafeBufferPointer(start: spelling.utf8Start, count: text.count))
                        .allSatisfy { Self.uppercased($0) == $1 }
            }
        }
        guard let match else { return nil }
        self = match
    }

    /// The status of a JSON string, with any escapes.
    package init?(_ word: JSONValue) {
        let content = word.raw.dropFirst().dropLast()
        if content.contains(UInt8(ascii: "\\")) {
            self.init((word.string ?? "").utf8)
        } else {
            self.init(content)
        }
    }

    private static func uppercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte & ~0x20 : byte
    }

    /// Whether the word says that the task has ended.
    package var isFinal: Bool { self == .completed || self == .failed }

    /// The word in jobs.
    package var inJobs: StaticString {
        switch self {
        case .queued: "QUEUED"
        case .processing: "RUNNING"
        case .completed: "COMPLETED"
        case .failed: "FAILED"
        }
    }

    /// The word in topics.
    package var inTopics: StaticString {
        switch self {
        case .queued: "queued"
        case .processing: "processing"
        case .completed: "completed"
        case .failed: "failed"
        }
    }

    /// The word in tasks, as a task's state and `taskUpdated` have it.
    package var inTasks: StaticString {
        switch self {
        case .queued: "QUEUED"
        case .processing: "PROCESSING"
        case .completed: "COMPLETED"
        case .failed: "FAILED"
        }
    }
}
