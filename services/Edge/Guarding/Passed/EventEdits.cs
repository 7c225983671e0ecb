using System.Buffers;
using System.Text;
using Gateway.Guardrails.Engine.Json;
using Gateway.Guardrails.Engine.Requests;

namespace Gateway.Edge.Guarding.Passed;

/// <summary>The changes of one event.</summary>
internal sealed class EventEdits(ReadOnlyMemory<byte> json)
{
    private readonly SortedDictionary<int, (int Length, string Text, TextForm Form, string? Channel)> _texts = [];
    private readonly List<(int Start, int Length)> _tells = [];

    /// <summary>Puts a text in the place of a JSON string.</summary>
    public void Set(int start, int length, string text) => _texts[start] = (length, text, TextForm.JsonString, null);

    public void Set(in Delta delta, string text) => _texts[delta.Start] = (delta.Length, text, TextForm.JsonString, delta.Channel);

    public void Set(in RequestText at, string text)
    {
        if (text != at.Text.Text)
        {
            _texts[at.Start] = (at.Length, text, at.Form, null);
        }
    }

    /// <summary>Says where the texts are told once more.</summary>
    public void Tells(int start, int length) => _tells.Add((start, length));

    /// <summary>Adds to the last piece of a text in this event; false when there is none.</summary>
    public bool TryAppend(string channel, string rest)
    {
        foreach (var (start, edit) in _texts.Reverse())
        {
            if (edit.Channel == channel)
            {
                _texts[start] = edit with { Text = edit.Text + rest };
                return true;
            }
        }

        return false;
    }

    /// <summary>The event with its changes; the same memory when there are none.</summary>
    public ReadOnlyMemory<byte> Apply()
    {
        foreach (var (start, edit) in _texts.ToList())
        {
            if (edit.Form == TextForm.JsonString && JsonTexts.Read(json.Span.Slice(start + 1, edit.Length - 2)) == edit.Text)
            {
                _texts.Remove(start);
            }
        }

        if (_texts.Count == 0)
        {
            return json;
        }

        foreach (var (start, length) in _tells)
        {
            _texts[start] = (length, "null", TextForm.Tells, null);
        }

        var output = new ArrayBufferWriter<byte>(json.Length + 64);
        var at = 0;
        foreach (var (start, edit) in _texts)
        {
            output.Write(json.Span[at..start]);
            if (edit.Form == TextForm.JsonString)
            {
                JsonTexts.Write(edit.Text, output);
            }
            else
            {
                Encoding.UTF8.GetBytes(edit.Text, output);
            }

            at = start + edit.Length;
        }

        output.Write(json.Span[at..]);
        return output.WrittenMemory;
    }
}
