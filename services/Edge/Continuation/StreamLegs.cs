using System.Text;
using Gateway.Dialects;
using Gateway.Dialects.Chat;

namespace Gateway.Edge.Continuation;

/// <summary>
/// One stream for the caller out of the streams of several providers, the legs: the first is passed on as it is, a later one without its start and without what it
/// repeats, in the parts that are open. Also tells whether what has been passed on can be continued at all.
/// </summary>
internal sealed class StreamLegs
{
    /// <summary>Most characters of text that are kept for a continuation.</summary>
    public const int MostText = 256 * 1024;

    private const int Dropped = -1;

    private readonly StringBuilder _text = new();
    private readonly Dictionary<int, int> _parts = [];
    private readonly HashSet<int> _openReasoning = [];
    private ChatEvent? _heldEnd;
    private TokenCounts _before;
    private RepeatTrimmer? _repeats;
    private LostSpaces? _spaces;
    private int _textPart = Dropped;
    private int _nextPart;
    private bool _joins;
    private bool _finished;
    private bool _fixed;

    /// <summary>Legs begun after the first.</summary>
    public int Continuations { get; private set; }

    /// <summary>Text passed on to the caller.</summary>
    public string Text => _text.ToString();

    /// <summary>True when another leg can go on: nothing but text and whole thoughts went out, and the answer had not come to its end.</summary>
    public bool CanContinue => !_fixed && !_finished && _openReasoning.Count == 0 && _text.Length <= MostText;

    /// <summary>True once the answer has come to its end.</summary>
    public bool IsFinished => _finished;

    /// <summary>Tokens of the legs before the current one.</summary>
    public TokenCounts TokensBefore => _before;

    /// <summary>Begins another leg.</summary>
    /// <param name="used">Tokens of the leg that ends.</param>
    /// <param name="prefilled">True when the model goes on with the text itself, false when it was told to.</param>
    public void Begin(in TokenCounts used, bool prefilled)
    {
        Continuations++;
        _before = _before.Add(used);
        var sent = Text;
        _repeats = prefilled ? null : new RepeatTrimmer(sent);
        _spaces = prefilled ? new LostSpaces(sent) : null;
        _parts.Clear();
        _joins = _textPart >= 0;
    }

    /// <summary>Takes one event of the current leg.</summary>
    /// <param name="e">The event.</param>
    /// <param name="output">Receives what it means for the caller; often the same.</param>
    public void Pass(in ChatEvent e, List<ChatEvent> output)
    {
        switch (e.Kind)
        {
            case ChatEventKind.Start when Continuations > 0:
                break;
            case ChatEventKind.PartStart:
                StartPart(e, output);
                break;
            case ChatEventKind.Delta:
                PassDelta(e, output);
                break;
            case ChatEventKind.PartEnd:
                EndPart(e, output);
                break;
            case ChatEventKind.Usage:
                output.Add(e with { Usage = _before.Add(e.Usage) });
                break;
            case ChatEventKind.Finish or ChatEventKind.End:
                CloseText(output);
                _finished = true;
                output.Add(e);
                break;
            default:
                output.Add(e);
                break;
        }
    }

    private void StartPart(in ChatEvent e, List<ChatEvent> output)
    {
        if (e.PartKind == PartKind.Reasoning && Continuations > 0 && _nextPart > 0)
        {
            // What the second model thinks about the first one's text is not part of the answer.
            _parts[e.Part] = Dropped;
            return;
        }

        if (e.PartKind == PartKind.Text && _joins)
        {
            _joins = false;
            _heldEnd = null;
            _parts[e.Part] = _textPart;
            return;
        }

        CloseText(output);
        var part = _nextPart++;
        _parts[e.Part] = part;
        switch (e.PartKind)
        {
            case PartKind.Text:
                _textPart = part;
                break;
            case PartKind.Reasoning:
                _openReasoning.Add(part);
                break;
            default:
                _fixed = true;
                break;
        }

        output.Add(e with { Part = part });
    }

    private void PassDelta(in ChatEvent e, List<ChatEvent> output)
    {
        if (Part(e) is not { } part)
        {
            return;
        }

        if (e.PartKind != PartKind.Text || e.Text is not { } text)
        {
            output.Add(e with { Part = part });
            return;
        }

        if (part == _textPart)
        {
            text = _repeats?.Add(text) ?? _spaces?.Add(text) ?? text;
        }

        _text.Append(text);
        if (text.Length > 0 || e.Citation is not null || e.Signature is not null)
        {
            output.Add(e with { Part = part, Text = text });
        }
    }

    private void EndPart(in ChatEvent e, List<ChatEvent> output)
    {
        if (Part(e) is not { } part)
        {
            return;
        }

        if (part == _textPart)
        {
            // Held back for one event: a leg that goes on after a cut right here goes on in this part.
            Release(output);
            _heldEnd = e with { Part = part };
            return;
        }

        _openReasoning.Remove(part);
        output.Add(e with { Part = part });
    }

    /// <summary>Ends the part of text that is open, or whose end was held back.</summary>
    private void CloseText(List<ChatEvent> output)
    {
        if (_heldEnd is { } end)
        {
            output.Add(end);
        }
        else if (_joins)
        {
            // The leg before left it open, and this one has no text.
            output.Add(new ChatEvent { Kind = ChatEventKind.PartEnd, Part = _textPart, PartKind = PartKind.Text });
        }
        else
        {
            // Still open in its own leg, whose end of it will come.
            Release(output);
            return;
        }

        (_heldEnd, _joins, _textPart, _repeats, _spaces) = (null, false, Dropped, null, null);
    }

    /// <summary>Passes on what was held back of the text.</summary>
    private void Release(List<ChatEvent> output)
    {
        if (_textPart >= 0 && _repeats?.Flush() is { Length: > 0 } rest)
        {
            _text.Append(rest);
            output.Add(new ChatEvent { Kind = ChatEventKind.Delta, Part = _textPart, PartKind = PartKind.Text, Text = rest });
        }
    }

    private int? Part(in ChatEvent e) => _parts.TryGetValue(e.Part, out var part) && part != Dropped ? part : null;
}
