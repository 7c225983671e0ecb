using System.Buffers;
using System.Text;
using Gateway.Edge.Http;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Json;
using Gateway.Guardrails.Engine.Requests;

namespace Gateway.Edge.Guarding.Requests;

/// <summary>Puts changed texts into a body; all other bytes stay the caller's.</summary>
internal static class TextEdits
{
    /// <summary>The body with its changed texts, or null when none changed.</summary>
    /// <param name="body">The body.</param>
    /// <param name="texts">Its texts.</param>
    /// <param name="changed">The same texts as they are to be.</param>
    public static PooledBody? Apply(ReadOnlySpan<byte> body, IReadOnlyList<RequestText> texts, IReadOnlyList<GuardText> changed)
    {
        List<int>? edits = null;
        for (var i = 0; i < texts.Count; i++)
        {
            if (texts[i].Length > 0 && texts[i].Form != TextForm.Tells && !ReferenceEquals(texts[i].Text.Text, changed[i].Text) && texts[i].Text.Text != changed[i].Text)
            {
                (edits ??= []).Add(i);
            }
        }

        if (edits is null)
        {
            return null;
        }

        for (var i = 0; i < texts.Count; i++)
        {
            if (texts[i].Form == TextForm.Tells)
            {
                edits.Add(i);
            }
        }

        edits.Sort((a, b) => texts[a].Start.CompareTo(texts[b].Start));
        using var output = new PooledBodyWriter(body.Length + 256);
        var at = 0;
        foreach (var index in edits)
        {
            var text = texts[index];
            output.Write(body[at..text.Start]);
            Write(changed[index].Text, text.Form, output);
            at = text.Start + text.Length;
        }

        output.Write(body[at..]);
        return output.Detach();
    }

    private static void Write(string text, TextForm form, PooledBodyWriter output)
    {
        if (form == TextForm.JsonString)
        {
            JsonTexts.Write(text, output);
        }
        else if (form == TextForm.Tells)
        {
            output.Write("null"u8);
        }
        else
        {
            Encoding.UTF8.GetBytes(text, output);
        }
    }
}
