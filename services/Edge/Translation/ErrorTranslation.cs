using System.Buffers;
using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Translation;

/// <summary>A provider's errors for callers who speak another dialect.</summary>
internal static class ErrorTranslation
{
    /// <summary>Translates the body of an error answer.</summary>
    public static ArrayBufferWriter<byte> Translate(DialectId provider, DialectId caller, int status, ReadOnlyMemory<byte> body, string secret, out int translatedStatus)
    {
        var error = Foreign(ChatDialects.Get(provider).ReadError(status, body), secret);
        translatedStatus = error.Status is >= 400 and < 600 ? error.Status : status;
        var output = new ArrayBufferWriter<byte>(512);
        ChatDialects.Get(caller).WriteError(error, output);
        return output;
    }

    /// <summary>An error without what only its own dialect knows, and without credentials.</summary>
    public static ChatError Foreign(ChatError error, string secret)
    {
        var message = Encoding.UTF8.GetString(CredentialScrubber.Scrub(Encoding.UTF8.GetBytes(error.Message), secret).Span);
        return error with { Message = message, Type = null, Code = null };
    }
}
