import Node

/// What `--help` prints.
enum Help {
    static func overview(_ commands: [any Command.Type]) -> String {
        let width = commands.map { $0.name.count }.max() ?? 0
        let lines = commands.map { "  " + pad($0.name, width) + "  " + $0.summary }
        return """
            fantail - live task progress in front of everyone who watches

            usage: fantail COMMAND [FLAGS]

            \(lines.joined(separator: "\n"))

            Try it:  fantail serve --dev
                     fantail publish video_1 '{"progress":45,"message":"rendering"}'

            fantail COMMAND --help says more.
            """
    }

    static func page<Target>(usage: String, summary: String, settings: [Setting<Target>]) -> String {
        let heads = settings.map { $0.flag + ($0.placeholder.map { " " + $0 } ?? "") }
        let width = heads.map(\.count).max() ?? 0
        let lines = zip(heads, settings).map { head, setting in
            "  " + pad(head, width) + "  " + setting.summary + (setting.environment.first.map { "  [\($0)]" } ?? "")
        }
        return """
            \(summary)

            usage: \(usage)

            \(lines.joined(separator: "\n"))
            """
    }

    static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
