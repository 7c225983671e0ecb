using System.Text.Json;

namespace Gateway.Edge.Providers.Demo;

/// <summary>One of the inputs of a completion or an embedding: a text, or tokens that the caller made himself.</summary>
internal sealed record DemoInput(string? Text, IReadOnlyList<int> TokenIds)
{
    public long Tokens => Text is null ? TokenIds.Count : DemoText.Tokens(Text);

    /// <summary>Reads a text, an array of texts, an array of tokens or an array of those.</summary>
    public static List<DemoInput> Read(JsonElement body, string name, int most)
    {
        var legal = $"a string, an array of 1 to {most} strings, an array of tokens, or an array of those";
        if (DemoJson.Member(body, name) is not { } value)
        {
            throw new DemoFaultException(new DemoFault($"'{name}' is missing: it must be {legal}.", name, "missing_required_parameter"));
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return [new DemoInput(value.GetString(), [])];
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            throw DemoFaultException.Invalid(name, legal);
        }

        if (value[0].ValueKind == JsonValueKind.Number)
        {
            return [new DemoInput(null, TokensOf(value, name, legal))];
        }

        if (value.GetArrayLength() > most)
        {
            throw DemoFaultException.Invalid(name, legal);
        }

        return
        [
            .. value.EnumerateArray().Select(v => v.ValueKind switch
            {
                JsonValueKind.String => new DemoInput(v.GetString(), []),
                JsonValueKind.Array => new DemoInput(null, TokensOf(v, name, legal)),
                _ => throw DemoFaultException.Invalid(name, legal),
            }),
        ];
    }

    private static int[] TokensOf(JsonElement array, string name, string legal)
        => [.. array.EnumerateArray().Select(t => t.ValueKind == JsonValueKind.Number && t.TryGetInt32(out var token) && token >= 0 ? token : throw DemoFaultException.Invalid(name, legal))];
}
