package import Development
package import RESP
package import Store
package import Telemetry
import Threads

extension DevelopmentSecret {
    /// The secret of development tokens: the secret of other nodes, of an earlier node, or a new secret. Redis and a
    /// file keep it.
    package static func find(
        in location: RedisLocation, naming: Naming, _ log: Log
    ) throws(StartFailure) -> String {
        let file = SecretFile(environment: SecretFile.environment)
        let kept = file?.read()
        let result: Result<String, any Error> = Blocking.wait {
            do { return .success(try await load(from: location, naming: naming, kept: kept)) } catch {
                return .failure(error)
            }
        }
        do {
            let secret = try result.get()
            if let file, kept == nil, file.write(secret) {
                log.info(
                    "stored the secret of development tokens in a file, so that the tokens are valid after a restart",
                    ["file": .text(file.path)])
            }
            return secret
        } catch {
            throw .running("the secret of development tokens cannot be stored in the Redis at \(location): \(error)")
        }
    }
}
