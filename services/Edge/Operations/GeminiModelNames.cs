using System.Buffers;
using System.Text.Json;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Operations;

/// <summary>Gemini's requests for embeddings and counts name the model inside, where it has to be that of the address.</summary>
internal static class GeminiModelNames
{
    private const int DeepestName = 3;

    /// <summary>The body with every <c>model</c> of the request itself, of <c>requests</c> and of <c>generateContentRequest</c> replaced; all other bytes are the caller's.</summary>
    /// <param name="body">A body that is known to be a JSON object.</param>
    /// <param name="model">Model name as the provider knows it.</param>
    public static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> body, string model)
    {
        var name = JsonName.Encode(model.Contains('/', StringComparison.Ordinal) ? model : "models/" + model);
        var span = body.Span;
        var reader = new Utf8JsonReader(span, new JsonReaderOptions { MaxDepth = 1024 });
        var output = new ArrayBufferWriter<byte>(body.Length + 64);
        var copied = 0;
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth > DeepestName)
            {
                continue;
            }

            if (reader.ValueTextEquals("model"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                {
                    output.Write(span[copied..(int)reader.TokenStartIndex]);
                    output.Write(name);
                    copied = (int)reader.BytesConsumed;
                }
            }
            else if (!reader.ValueTextEquals("requests"u8) && !reader.ValueTextEquals("generateContentRequest"u8) && !reader.ValueTextEquals("generate_content_request"u8))
            {
                reader.Read();
                reader.Skip();
            }
        }

        if (copied == 0)
        {
            return body;
        }

        output.Write(span[copied..]);
        return output.WrittenMemory;
    }
}
