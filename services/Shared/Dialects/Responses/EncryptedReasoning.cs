using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Responses;

/// <summary>
/// The member <c>encrypted_content</c> of a reasoning item. OpenAI's own goes home only together with the item's id, so its neutral form carries both.
/// For callers it is also the one place where what other providers sign or encrypt fits.
/// </summary>
internal static class EncryptedReasoning
{
    private const char IdEnd = '|';
    private const string ForeignEncrypted = "enc.";
    private const string OfCall = "call.";
    private const char Separator = '\n';

    /// <summary>What a provider's item says, as neutral form; null when it has no encrypted content.</summary>
    public static Signature? FromProvider(string? id, string? content) =>
        string.IsNullOrEmpty(content) ? null : new Signature(DialectId.OpenAIResponses, string.IsNullOrEmpty(id) ? content : id + IdEnd + content);

    /// <summary>Splits the neutral form of a provider's own into the item's id and its content.</summary>
    public static (string? Id, string Content) ForProvider(Signature encrypted)
    {
        var end = encrypted.Value.IndexOf(IdEnd, StringComparison.Ordinal);
        return end < 0 ? (null, encrypted.Value) : (encrypted.Value[..end], encrypted.Value[(end + 1)..]);
    }

    /// <summary>What a caller's item says.</summary>
    public static (Signature? Signature, Signature? Encrypted) FromCaller(string? id, string? content)
    {
        if (string.IsNullOrEmpty(content))
        {
            return default;
        }

        Signature? signature = null;
        Signature? encrypted = null;
        foreach (var part in content.Split(Separator))
        {
            var isEncrypted = part.StartsWith(ForeignEncrypted, StringComparison.Ordinal);
            var read = Signature.Read(DialectId.OpenAIResponses, isEncrypted ? part[ForeignEncrypted.Length..] : part);
            if (read.Origin == DialectId.OpenAIResponses)
            {
                encrypted = FromProvider(id, content);
            }
            else if (isEncrypted)
            {
                encrypted = read;
            }
            else
            {
                signature = read;
            }
        }

        return (signature, encrypted);
    }

    /// <summary>What to hand to a caller.</summary>
    public static string? ForCaller(Signature? signature, Signature? encrypted)
    {
        if (encrypted is { Origin: DialectId.OpenAIResponses })
        {
            return ForProvider(encrypted).Content;
        }

        var signed = signature?.For(DialectId.OpenAIResponses);
        var sealedForm = encrypted is null ? null : ForeignEncrypted + encrypted.For(DialectId.OpenAIResponses);
        return signed is null || sealedForm is null ? signed ?? sealedForm : signed + Separator + sealedForm;
    }

    /// <summary>A tool call's signature, which has no place in the call's own item: content of a reasoning item beside it.</summary>
    public static string ForCaller(string callId, Signature signature) => OfCall + callId + Separator + signature.For(DialectId.OpenAIResponses);

    /// <summary>Reads a tool call's signature.</summary>
    /// <returns>False when the content is none.</returns>
    public static bool TryReadCall(string? content, out string callId, out Signature signature)
    {
        if (content is not null && content.StartsWith(OfCall, StringComparison.Ordinal) && content.IndexOf(Separator, StringComparison.Ordinal) is > 0 and var end)
        {
            callId = content[OfCall.Length..end];
            signature = Signature.Read(DialectId.OpenAIResponses, content[(end + 1)..]);
            return true;
        }

        (callId, signature) = ("", null!);
        return false;
    }
}
