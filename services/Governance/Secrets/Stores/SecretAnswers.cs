using System.Text.Json;
using Gateway.CloudAuth;

namespace Gateway.Governance.Secrets.Stores;

/// <summary>What stores of secrets answer, in words: never their own messages, which may quote what was sent.</summary>
internal static class SecretAnswers
{
    public static string Said(in TokenAnswer answer, string? code)
        => $"answered {answer.Status}{(code is { Length: > 0 and <= 64 } && code.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? $" ({code})" : "")}";

    public static string? Text(JsonElement element, string name)
        => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
