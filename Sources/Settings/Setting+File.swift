extension Setting {
    /// The setting of a file that holds this secret: `--api-key-file` of `--api-key`, and `FANTAIL_API_KEY_FILE` of its
    /// variable; images and orchestrators pass secrets as files.
    fileprivate var inFile: Setting<Target> {
        Setting(
            flag + "-file", environment.map { $0 + "_FILE" }, "FILE", "file that contains the value of \(flag)",
            heldFlag: flag
        ) { (target, path) throws(SettingError) in
            try apply(&target, try SettingFile.read(path))
        }
    }
}

extension Array {
    /// These settings, each secret followed by the setting of its file.
    public func withFiles<Target>() -> [Setting<Target>] where Element == Setting<Target> {
        flatMap { $0.isSecret ? [$0, $0.inFile] : [$0] }
    }
}
