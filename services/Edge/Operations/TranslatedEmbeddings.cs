using System.Buffers;
using System.Security.Cryptography;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Embeddings;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Operations;

/// <summary>Embeddings of a provider that takes another form than the caller's. More inputs than it takes at once are asked for one after the other.</summary>
internal sealed class TranslatedEmbeddings(UpstreamTarget target, EmbeddingRequest request, EmbeddingWire wire, string model) : OperationCall(target)
{
    private readonly ArrayBufferWriter<byte> _body = new(1024);
    private EmbeddingAnswer? _answer;
    private int _next;
    private int _asked;

    public override bool IsForeign => true;

    /// <summary>Writes the next request.</summary>
    /// <returns>Null, or why it cannot be expressed.</returns>
    public DialectProblem? Write()
    {
        var most = EmbeddingTranslation.MaxInputs(wire);
        _asked = Math.Min(most, request.Inputs.Count - _next);
        if (_asked < request.Inputs.Count && request.Types.Exists(static t => t != "float"))
        {
            return new DialectProblem($"The provider of this model gives other number types than float for at most {most} inputs at once.", "embedding_types");
        }

        _body.ResetWrittenCount();
        return EmbeddingTranslation.WriteRequest(wire, _asked == request.Inputs.Count ? request : request.Slice(_next, _asked), model, _body, Drops);
    }

    // A copy: what is written next must not change a request that is still being sent.
    public override ReadOnlyMemory<byte>? Json() => _body.WrittenSpan.ToArray();

    public override OperationAnswer? Read(ReadOnlyMemory<byte> body, string mediaType)
    {
        if (!EmbeddingTranslation.TryReadAnswer(wire, body.Span, out var answer) || (answer.Vectors.Count != _asked && (answer.Vectors.Count > 0 || answer.Typed.Count == 0)))
        {
            return null;
        }

        if (_answer is null)
        {
            _answer = answer;
        }
        else
        {
            _answer.Append(answer);
        }

        _next += _asked;
        if (_next < request.Inputs.Count)
        {
            return Write() is null ? new OperationAnswer { Tokens = _answer.Usage, HasMore = true } : null;
        }

        var output = new ArrayBufferWriter<byte>(4096);
        EmbeddingTranslation.WriteAnswer(request.Origin, _answer, request, RandomNumberGenerator.GetHexString(24, lowercase: true), output);
        return new OperationAnswer { Body = output.WrittenMemory, Tokens = _answer.Usage };
    }
}
