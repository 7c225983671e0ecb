using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.LlmSimulator.Answers;

/// <summary>A plain chat answer with gaps for its id and the two numbers that differ from one request to the next.</summary>
internal sealed class PlainTemplate
{
    private const string IdMark = "@id@";
    private const int PromptMark = 1_198_765_432;

    private readonly byte[] _beforeId;
    private readonly byte[] _beforePrompt;
    private readonly byte[] _beforeTotal;
    private readonly byte[] _rest;
    private readonly int _completionTokens;

    private PlainTemplate(byte[] whole, int id, int prompt, int total, int completionTokens)
    {
        _beforeId = whole[..id];
        _beforePrompt = whole[(id + IdMark.Length)..prompt];
        _beforeTotal = whole[(prompt + Digits(PromptMark))..total];
        _rest = whole[(total + Digits(PromptMark + completionTokens))..];
        _completionTokens = completionTokens;
    }

    /// <summary>Made by writing one answer and looking where the marks went, so that it cannot drift from <see cref="PlainAnswer"/>.</summary>
    public static bool TryMake(CompiledBehaviour behaviour, byte[] model, [NotNullWhen(true)] out PlainTemplate? template)
    {
        template = null;
        var b = behaviour.Behaviour;
        if (!behaviour.IsPlainImmediate || !b.Usage || b.Cached > 0 || b.Reasoning > 0)
        {
            return false;
        }

        var buffer = new Utf8Buffer();
        PlainAnswer.Write(buffer, new AnswerPlan(Operation.Chat, IdMark, model, b) { PromptTokens = PromptMark, Pieces = behaviour.Pieces });
        var whole = buffer.Written.ToArray();
        var id = whole.AsSpan().IndexOf("@id@"u8);
        var prompt = whole.AsSpan().LastIndexOf("\"prompt_tokens\":"u8) + "\"prompt_tokens\":".Length;
        var total = whole.AsSpan().LastIndexOf("\"total_tokens\":"u8) + "\"total_tokens\":".Length;
        template = new PlainTemplate(whole, id, prompt, total, behaviour.Pieces.Length);
        return true;
    }

    /// <summary>Writes an answer.</summary>
    /// <returns>Its length; <paramref name="buffer"/> grows when it is too small.</returns>
    public int Write(ref byte[] buffer, long seed, long number, int promptTokens)
    {
        const int MaxNumbers = 80;
        if (buffer.Length < _beforeId.Length + _beforePrompt.Length + _beforeTotal.Length + _rest.Length + MaxNumbers)
        {
            buffer = new byte[_beforeId.Length + _beforePrompt.Length + _beforeTotal.Length + _rest.Length + MaxNumbers];
        }

        var to = buffer.AsSpan();
        var at = Copy(_beforeId, to, 0);
        at = Number(seed, to, at);
        to[at++] = (byte)'-';
        at = Number(number, to, at);
        at = Copy(_beforePrompt, to, at);
        at = Number(promptTokens, to, at);
        at = Copy(_beforeTotal, to, at);
        at = Number(promptTokens + _completionTokens, to, at);
        return Copy(_rest, to, at);
    }

    private static int Copy(byte[] from, Span<byte> to, int at)
    {
        from.CopyTo(to[at..]);
        return at + from.Length;
    }

    private static int Number(long value, Span<byte> to, int at)
    {
        _ = Utf8Formatter.TryFormat(value, to[at..], out var length);
        return at + length;
    }

    private static int Digits(int value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture).Length;
}
