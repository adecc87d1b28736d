import Events
import JSON
import Progress

/// The error of a failed task, as its worker has told it.
struct TaskError: Equatable {
    /// The error's code; nil where it has none.
    let code: String?
    /// The error's text.
    let message: String
    /// More about it, where the worker has told more.
    let details: String?
    /// Whether the worker may try again.
    let isRetryable: Bool

    init(_ failure: Failure?) {
        code = failure.flatMap { $0.code == Failure.defaultCode ? nil : $0.code }
        message = failure?.message ?? ""
        isRetryable = failure?.isRetryable ?? false
        let details = failure?.object?["details"]
        self.details = details.map { $0.string ?? String(decoding: $0.raw, as: UTF8.self) }
    }

    /// The text in one line, as far as there is room.
    var line: String { PlainText.text(message.utf8) }

    /// The whole error, for the end; nothing where `shown` already says all of it.
    func whole(besides shown: String) -> [String] {
        let text = PlainText.text(message.utf8, characters: .max)
        if code == nil, details == nil, shown.contains(text) { return [] }
        let name = code.map { " (\(PlainText.text($0.utf8)))" } ?? ""
        let lines = PlainText.lines(message) + (details.map(PlainText.lines) ?? [])
        let head = isRetryable ? "failed, may be retried" : "failed"
        return ["\(head)\(name): \(lines.first ?? "")"] + lines.dropFirst().map { "    " + $0 }
    }
}
