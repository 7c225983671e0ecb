namespace Gateway.CloudAuth;

/// <summary>A provider cannot be called because its credential cannot be had. The message is for operators and callers: it never shows a secret.</summary>
/// <param name="reason">What is wrong, short: it goes into the list of attempts.</param>
/// <param name="credentialFault">True when the credential itself is at fault, so that trying again with it is of no use until it is changed.</param>
internal sealed class ProviderAuthException(string reason, bool credentialFault) : IOException(reason)
{
    /// <summary>True when the credential itself was refused or cannot be read.</summary>
    public bool CredentialFault { get; } = credentialFault;
}
