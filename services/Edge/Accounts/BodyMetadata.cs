using System.Text;
using System.Text.Json;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Accounts;

/// <summary>Members of the object of labels in a request's body, whose place the scan of the body has noted.</summary>
internal static class BodyMetadata
{
    private const int MostBytes = 8_192;

    /// <summary>Finds a member, and leaves <paramref name="reader"/> on its value.</summary>
    public static bool TryFind(RequestContext context, string name, out Utf8JsonReader reader)
    {
        ref var envelope = ref context.Envelope;
        reader = default;
        // Metadata of more than that is data; the providers that know the member take far less.
        if (envelope.MetadataStart < 0 || envelope.MetadataLength > 8 * MostBytes)
        {
            return false;
        }

        reader = new Utf8JsonReader(context.Body.Span.Slice(envelope.MetadataStart, envelope.MetadataLength), new JsonReaderOptions { MaxDepth = 256 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    /// <summary>The text (or number) that a reader stands on; empty for anything else.</summary>
    public static string Scalar(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number when reader.ValueSpan.Length <= MostBytes:
                return Encoding.ASCII.GetString(reader.ValueSpan);
            case JsonTokenType.String when reader.ValueSpan.Length <= MostBytes:
                try
                {
                    return reader.GetString()!;
                }
                catch (InvalidOperationException)
                {
                    // A lone surrogate or invalid UTF-8, which no text can hold.
                    return "";
                }

            default:
                return "";
        }
    }
}
