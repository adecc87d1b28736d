package import Events
package import RESP

/// Registers a task before its first event: its state and its secrets, as one step.
///
/// First the caller adds the task to the due set of inquiries, if nodes must ask its third party, and to that of
/// secrets (``EnterDueScript``). Where the registration then fails, the node that takes the task from the set drops it.
package struct RegistrationScript: ScriptRequest {
    package static let script = RedisScript(
        "register", file: "RegistrationScript", runIDArgument: 4 + PublishArguments.runIDPlace)
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// What Redis keeps of a task beside its events.
    package struct Secrets: Sendable, Equatable {
        /// The third party's name for the task.
        package var externalID: String?
        /// The value of the header `Authorization`.
        package var apiKey: String?
        /// The third party; nil where nodes may ask none.
        package var endpoint: UpstreamEndpoint?
        /// The other members of the registration, as the text of a JSON object.
        package var metadata: [UInt8]?

        /// No secrets.
        package init() {}

        /// Whether there is nothing to keep.
        package var isEmpty: Bool { self == Secrets() }

        /// Whether nodes can ask a third party.
        package var namesThirdParty: Bool { externalID != nil && apiKey != nil }
    }

    /// `idempotencyKey`: the registration's name, so that sending it twice registers the task once.
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
