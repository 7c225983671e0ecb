using Gateway.Dialects.Bedrock;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Translation;

/// <summary>Reads the error answers of providers, with the header that says more than the body where a dialect has one.</summary>
internal static class ProviderErrors
{
    /// <summary>Bedrock's header with the type of an error, which its bodies leave out.</summary>
    public const string BedrockType = "x-amzn-ErrorType";

    public static ChatError Read(DialectId dialect, int status, ReadOnlyMemory<byte> body, HttpResponseMessage? response) =>
        dialect == DialectId.BedrockConverse && response?.Headers.NonValidated.TryGetValues(BedrockType, out var type) == true
            ? BedrockConverseDialect.ReadError(status, body, type.ToString())
            : ChatDialects.Get(dialect).ReadError(status, body);
}
