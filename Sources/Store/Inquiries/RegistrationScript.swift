package import Events
package import RESP

/// Registers a task before its first event: its state, and what is kept beside its events, as one step.
///
/// Before it the caller enters the task where its third party is due (``EnterDueScript``), if it is to be asked, and where its
/// secrets are. A task that is entered and was not registered is dropped by the node that takes it.
package struct RegistrationScript: ScriptRequest {
    package static let script = RedisScript(
        "register", file: "RegistrationScript", runIDArgument: 4 + PublishArguments.runIDPlace)
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// What is kept of a task beside its events.
    package struct Secrets: Sendable, Equatable {
        /// The third party's name for the task.
        package var externalID: String?
        /// What goes into the header `Authorization`.
        package var apiKey: String?
        /// The third party; nil where there is none that may be asked.
        package var endpoint: UpstreamEndpoint?
        /// Whatever else was given, as the text of a JSON object.
        package var metadata: [UInt8]?

        /// Nothing.
        package init() {}

        /// Whether there is nothing to keep.
        package var isEmpty: Bool { self == Secrets() }

        /// Whether there is somebody to ask, and what with.
        package var namesThirdParty: Bool { externalID != nil && apiKey != nil }
    }

    /// `idempotencyKey`: the name that was given to the registration, so that sending it twice registers the task once.
    package init(
        _ channel: ChannelName, secrets: Secrets, publishing: PublishArguments, naming: Naming,
        idempotencyKey: String? = nil
    ) {
        keys =
            [naming.metaKey(of: channel), naming.historyKey(of: channel), naming.secretKey(of: channel)]
            + (idempotencyKey.map { [naming.idempotencyKey($0, of: channel)] } ?? [])
        let texts = [secrets.externalID, secrets.apiKey, secrets.endpoint?.text].map { $0 ?? "" }
        arguments = [[UInt8]](words: texts) + [secrets.metadata ?? []] + publishing.words
    }

    package func reply(_ value: RedisValue) -> PublishReceipt? { PublishReceipt(value) }
}
