using System.Text;
using System.Text.Json;

namespace Gateway.Governance.Secrets;

/// <summary>What became of reading a secret.</summary>
internal enum SecretOutcome
{
    /// <summary>It is there.</summary>
    Found,

    /// <summary>There is no such secret.</summary>
    NotFound,

    /// <summary>The gateway may not read it, or by these rules must not.</summary>
    Refused,

    /// <summary>It is there, and cannot be used.</summary>
    Invalid,

    /// <summary>What keeps it does not answer as it should; later it may.</summary>
    Unavailable,
}

/// <summary>A secret that was read, or why it could not be. The problem never shows a secret.</summary>
internal readonly record struct SecretRead(SecretOutcome Outcome, string? Value, string Problem)
{
    /// <summary>Longest secret in bytes.</summary>
    public const int MostBytes = 64 * 1024;

    public static SecretRead Found(string value) => value.Length == 0 ? Invalid("it is empty")
        : Encoding.UTF8.GetByteCount(value) > MostBytes ? Invalid($"it is longer than {MostBytes / 1024} KiB")
        : new(SecretOutcome.Found, value, "");

    public static SecretRead NotFound(string problem) => new(SecretOutcome.NotFound, null, problem);

    public static SecretRead Refused(string problem) => new(SecretOutcome.Refused, null, problem);

    public static SecretRead Invalid(string problem) => new(SecretOutcome.Invalid, null, problem);

    public static SecretRead Unavailable(string problem) => new(SecretOutcome.Unavailable, null, problem);

    /// <summary>A member of this secret, which then has to be a JSON object; itself when no member is asked for.</summary>
    public SecretRead Member(string? field)
    {
        if (field is null || Value is null)
        {
            return this;
        }

        try
        {
            return Member(JsonElement.Parse(Value), field);
        }
        catch (JsonException)
        {
            return Invalid("it is no JSON object, so it has no fields");
        }
    }

    /// <summary>A member of a JSON object.</summary>
    public static SecretRead Member(JsonElement element, string field)
        => element.ValueKind != JsonValueKind.Object ? Invalid("it is no JSON object, so it has no fields")
            : !element.TryGetProperty(field, out var value) ? NotFound($"it has no field '{field}'")
            : value.ValueKind == JsonValueKind.String ? Found(value.GetString()!)
            : value.ValueKind == JsonValueKind.Object ? Found(value.GetRawText())
            : Invalid($"its field '{field}' is no text");

    /// <summary>Never shows the secret.</summary>
    public override string ToString() => Value is null ? $"{Outcome}: {Problem}" : Outcome.ToString();
}
