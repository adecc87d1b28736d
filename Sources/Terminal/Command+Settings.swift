import Glibc
package import Settings

extension Command {
    /// Reads a command's settings; prints the help and ends where that is requested.
    package static func read<Target>(
        _ settings: [Setting<Target>], defaults: Target, _ arguments: [String], _ environment: [String: String]
    ) throws(CommandFailure) -> (Target, [String]) {
        var reader = SettingsReader(settings, defaults: defaults)
        do throws(SettingError) {
            switch try reader.read(arguments: arguments, environment: environment) {
            case .settings(let target, let positional): return (target, positional)
            case .help:
                StandardOutput.page(Help.page(Self.self) + "\n")
                exit(0)
            }
        } catch {
            throw .usage(error.message)
        }
    }
}

extension Configuration {
    /// The same, where its settings of Redis fit each other.
    package func checkedForRedis() throws(CommandFailure) -> Configuration {
        do throws(SettingError) { try checkRedis() } catch { throw .usage(error.message) }
        return self
    }
}
