using System.Buffers;
using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Translation;

/// <summary>A provider's errors for callers who speak another dialect.</summary>
internal static class ErrorTranslation
{
    /// <summary>Translates the body of an error answer.</summary>
    /// <param name="error">What the provider answered.</param>
    /// <param name="caller">The dialect to write.</param>
    /// <param name="secret">The provider's credential, which must not be in it.</param>
    public static ArrayBufferWriter<byte> Translate(ChatError error, DialectId caller, string secret)
    {
        var output = new ArrayBufferWriter<byte>(512);
        ChatDialects.Get(caller).WriteError(Foreign(error, secret), output);
        return output;
    }

    /// <summary>An error without what only its own dialect knows, and without credentials.</summary>
    public static ChatError Foreign(ChatError error, string secret)
    {
        var message = Encoding.UTF8.GetString(CredentialScrubber.Scrub(Encoding.UTF8.GetBytes(error.Message), secret).Span);
        return error with { Message = message, Type = null, Code = null };
    }
}
