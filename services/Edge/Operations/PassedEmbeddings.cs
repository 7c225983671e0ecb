using System.Buffers;
using Gateway.Dialects.Embeddings;
using Gateway.Dialects.OpenAI;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Operations;

/// <summary>Embeddings of a provider that takes the caller's form.</summary>
internal sealed class PassedEmbeddings(UpstreamTarget target, RequestContext context, EmbeddingWire wire) : OperationCall(target)
{
    // Gemini names the model in the body too, once for each input.
    public override ReadOnlyMemory<byte>? Json() =>
        wire is EmbeddingWire.Gemini or EmbeddingWire.GeminiBatch ? GeminiModelNames.Replace(context.Body.Memory, Target.Model) : (ReadOnlyMemory<byte>?)null;

    public override OperationAnswer? Read(ReadOnlyMemory<byte> body, string mediaType)
    {
        if (wire != EmbeddingWire.OpenAI)
        {
            return EmbeddingTranslation.TryReadAnswer(wire, body.Span, out var read) ? new OperationAnswer { Tokens = read.Usage } : null;
        }

        var usage = UsageReader.ReadAnswer(body.Span, out var tokens);
        return usage == AnswerUsage.NotAnAnswer ? null : new OperationAnswer { Body = AsBase64(body), Tokens = usage == AnswerUsage.Found ? tokens : null };
    }

    /// <summary>Puts vectors into base64 where the caller asked for that and the provider does not know it: clients that ask read nothing else.</summary>
    private ReadOnlyMemory<byte>? AsBase64(ReadOnlyMemory<byte> answer)
    {
        if (context.Body.Span.IndexOf("\"base64\""u8) < 0 || !HasNumbers(answer.Span)
            || EmbeddingTranslation.ReadRequest(wire, context.Body.Span, context.PathModel, out var request) is not null || !request.Base64
            || !EmbeddingTranslation.TryReadAnswer(wire, answer.Span, out var read))
        {
            return null;
        }

        request.Model = read.Model ?? context.ModelName;
        var output = new ArrayBufferWriter<byte>(answer.Length);
        EmbeddingTranslation.WriteAnswer(wire, read, request, "", output);
        return output.WrittenMemory;
    }

    private static bool HasNumbers(ReadOnlySpan<byte> answer)
    {
        var name = "\"embedding\""u8;
        for (var at = answer.IndexOf(name); at >= 0; at = answer.IndexOf(name))
        {
            answer = answer[(at + name.Length)..].TrimStart(" \t\r\n"u8);
            if (answer is [(byte)':', ..])
            {
                return answer[1..].TrimStart(" \t\r\n"u8) is [(byte)'[', ..];
            }
        }

        return false;
    }
}
