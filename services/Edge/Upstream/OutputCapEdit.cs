using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.OpenAI.Compatible;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Upstream;

/// <summary>Puts a cap on output into a chat request that has none, in its dialect's own place.</summary>
internal static class OutputCapEdit
{
    /// <summary>The body with the cap that the request is sent on with; the body itself where there is none.</summary>
    public static ReadOnlyMemory<byte> Apply(RequestContext context, DeploymentRuntime deployment, in UpstreamTarget target, ReadOnlyMemory<byte> body)
    {
        var cap = context.Reservation.SetCap;
        if (cap == 0)
        {
            return body;
        }

        cap = Math.Min(cap, deployment.Pricing.MaxOutput(target.Model) ?? cap);
        return target.Dialect switch
        {
            DialectId.Gemini => Put(body, "generationConfig", "generation_config", "maxOutputTokens", cap),
            DialectId.BedrockConverse => Put(body, "inferenceConfig", null, "maxTokens", cap),
            DialectId.OpenAIResponses => Put(body, null, null, "max_output_tokens", cap),
            DialectId.OpenAIChat => Put(body, null, null, ChatCaps.Member(deployment.Provider.Entry.Like ?? deployment.Provider.Id), cap),
            _ => Put(body, null, null, "max_tokens", cap),
        };
    }

    /// <summary>Puts a number into an object.</summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="group">The member of it that has the number, or null for the body itself.</param>
    /// <param name="alias">Another name of that member, or null.</param>
    /// <param name="member">The number's name. Only a null is replaced.</param>
    /// <param name="cap">The number.</param>
    public static ReadOnlyMemory<byte> Put(ReadOnlyMemory<byte> body, string? group, string? alias, string member, int cap)
    {
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 512 });
        reader.Read();
        if (group is null)
        {
            return PutHere(body, ref reader, member, cap);
        }

        var open = (int)reader.BytesConsumed;
        var isEmpty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var isGroup = reader.ValueTextEquals(group) || (alias is not null && reader.ValueTextEquals(alias));
            reader.Read();
            if (isGroup && reader.TokenType == JsonTokenType.StartObject)
            {
                return PutHere(body, ref reader, member, cap);
            }

            if (isGroup)
            {
                return Replace(body, (int)reader.TokenStartIndex, (int)reader.BytesConsumed, $"{{\"{member}\":{cap}}}");
            }

            reader.Skip();
        }

        return Replace(body, open, open, $"\"{group}\":{{\"{member}\":{cap}}}{(isEmpty ? "" : ",")}");
    }

    private static ReadOnlyMemory<byte> PutHere(ReadOnlyMemory<byte> body, ref Utf8JsonReader reader, string member, int cap)
    {
        var open = (int)reader.BytesConsumed;
        var isEmpty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var isMember = reader.ValueTextEquals(member);
            reader.Read();
            if (isMember)
            {
                return reader.TokenType == JsonTokenType.Null ? Replace(body, (int)reader.TokenStartIndex, (int)reader.BytesConsumed, $"{cap}") : body;
            }

            reader.Skip();
        }

        return Replace(body, open, open, $"\"{member}\":{cap}{(isEmpty ? "" : ",")}");
    }

    private static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> body, int from, int to, FormattableString text) =>
        (byte[])[.. body.Span[..from], .. Encoding.UTF8.GetBytes(FormattableString.Invariant(text)), .. body.Span[to..]];
}
