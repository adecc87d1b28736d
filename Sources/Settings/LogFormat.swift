/// The form of a log line.
public enum LogFormat: String, CaseIterable, Sendable {
    case text, json
}
