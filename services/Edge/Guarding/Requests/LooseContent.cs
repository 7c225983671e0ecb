using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Requests;

namespace Gateway.Edge.Guarding.Requests;

/// <summary>What content that is no body of a known operation is taken for.</summary>
internal enum ContentForm
{
    /// <summary>JSON in the form of a request or of an event of a session.</summary>
    Request,

    /// <summary>A line of a batch: a request in the member <c>body</c>.</summary>
    Line,

    /// <summary>Anything: JSON, lines of JSON, or text.</summary>
    Any,
}

/// <summary>Texts of content of any kind: the strings of JSON, of JSON lines, and else all of it where it is text.</summary>
internal sealed class LooseContent
{
    private readonly ReadOnlyMemory<byte> _content;

    private LooseContent(ReadOnlyMemory<byte> content, IReadOnlyList<RequestText> all, bool hasMedia = false) => (_content, All, HasMedia) = (content, all, hasMedia);

    /// <summary>The texts.</summary>
    public IReadOnlyList<RequestText> All { get; }

    /// <summary>True when there are media besides.</summary>
    public bool HasMedia { get; }

    /// <summary>Finds the texts; null when there is nothing to be read.</summary>
    public static LooseContent? Read(ReadOnlyMemory<byte> content, ContentForm form)
    {
        if (RequestTexts.TryRead(content, GuardrailScope.Input, isPlainData: form == ContentForm.Any && !LooksLikeRequest(content.Span), out var json))
        {
            return new LooseContent(content, json!.All, json.HasMedia);
        }

        if (ReadLines(content) is { } lines)
        {
            return new LooseContent(content, lines);
        }

        if (!IsText(content.Span))
        {
            return null;
        }

        return new LooseContent(content, [new RequestText(new GuardText(Encoding.UTF8.GetString(content.Span), GuardrailScope.Input) { Source = GuardSource.User }, 0, content.Length, TextForm.Plain)]);
    }

    /// <summary>The content with its changed texts; null when none changed.</summary>
    public ReadOnlyMemory<byte>? Apply(IReadOnlyList<GuardText> changed)
    {
        if (TextEdits.Apply(_content.Span, All, changed) is not { } body)
        {
            return null;
        }

        // Who uses it does not know when its buffer may be given back.
        var own = body.Span.ToArray();
        body.Return();
        return own;
    }

    private static bool LooksLikeRequest(ReadOnlySpan<byte> json) =>
        json.IndexOf("\"messages\""u8) >= 0 || json.IndexOf("\"contents\""u8) >= 0 || json.IndexOf("\"input\""u8) >= 0 || json.IndexOf("\"prompt\""u8) >= 0;

    private static List<RequestText>? ReadLines(ReadOnlyMemory<byte> content)
    {
        var texts = new List<RequestText>();
        var any = false;
        for (var at = 0; at < content.Length;)
        {
            var length = content.Span[at..].IndexOf((byte)'\n');
            var end = length < 0 ? content.Length : at + length;
            var line = content[at..end];
            if (line.Span.IndexOfAnyExcept(" \t\r"u8) >= 0)
            {
                if (!RequestTexts.TryRead(line, GuardrailScope.Input, isPlainData: !LooksLikeRequest(line.Span), out var found))
                {
                    return null;
                }

                any = true;
                var start = at;
                texts.AddRange(found!.All.Select(t => t with { Start = t.Start + start }));
            }

            at = end + 1;
        }

        return any ? texts : null;
    }

    /// <summary>True for UTF-8 without zeros.</summary>
    public static bool IsText(ReadOnlySpan<byte> content) => content.IndexOf((byte)0) < 0 && System.Text.Unicode.Utf8.IsValid(content);
}
