using System.Text.Json;

namespace Gateway.Edge.Providers.Demo;

/// <summary>Reads optional members of a request; absent and null are the same, a wrong type is the caller's fault.</summary>
internal static class DemoJson
{
    public static JsonElement? Member(JsonElement parent, string name)
        => parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static bool Flag(JsonElement parent, string name) => Member(parent, name) switch
    {
        null => false,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw DemoFaultException.Invalid(name, "true or false"),
    };

    public static int? Count(JsonElement parent, string name, int min, int max)
    {
        if (Member(parent, name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= min && number <= max
            ? number
            : throw DemoFaultException.Invalid(name, $"a whole number from {min} to {max}");
    }

    public static string? Text(JsonElement parent, string name) => Member(parent, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw DemoFaultException.Invalid(name, "a string"),
    };

    public static JsonElement? Object(JsonElement parent, string name) => Member(parent, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => value,
        _ => throw DemoFaultException.Invalid(name, "an object"),
    };

    public static IEnumerable<JsonElement> Array(JsonElement parent, string name) => Member(parent, name) switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } value => value.EnumerateArray(),
        _ => throw DemoFaultException.Invalid(name, "an array"),
    };
}
