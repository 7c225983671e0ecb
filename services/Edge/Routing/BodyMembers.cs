using System.Text.Json;

namespace Gateway.Edge.Routing;

/// <summary>Finds single members of a request's body when a rule asks for them; the body is not read otherwise.</summary>
internal static class BodyMembers
{
    private const int MostChars = 1_024;

    /// <summary>The text (or number, or truth value) of a member of the body, or of a member of one of its objects; empty when there is none.</summary>
    public static string Find(ReadOnlySpan<byte> body, string member, string? inner)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 256 });
        try
        {
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && MoveTo(ref reader, member)
                && (inner is null || (reader.TokenType == JsonTokenType.StartObject && MoveTo(ref reader, inner)))
                ? Scalar(ref reader)
                : "";
        }
        catch (JsonException)
        {
            // The envelope was checked before; what is odd in a dialect's own way has no such member.
            return "";
        }
    }

    private static bool MoveTo(ref Utf8JsonReader reader, string member)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(member);
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static string Scalar(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String when reader.ValueSpan.Length <= MostChars => Text(ref reader),
        JsonTokenType.Number when reader.ValueSpan.Length <= MostChars => System.Text.Encoding.ASCII.GetString(reader.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => "",
    };

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate or invalid UTF-8.
            return "";
        }
    }
}
