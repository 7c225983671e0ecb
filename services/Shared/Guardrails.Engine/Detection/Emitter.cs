using System.Text;
using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Detection;

/// <summary>Writes a text as it goes on: as it came, with the pieces that rules change replaced.</summary>
internal sealed class Emitter(CompiledPolicy policy, GuardContext context)
{
    /// <summary>Rules that had no stand-ins and redacted instead.</summary>
    public HashSet<int> RedactedInstead { get; } = [];

    /// <summary>Writes from <paramref name="start"/> to <paramref name="end"/>, which no piece may reach across.</summary>
    public void Write(TextView view, int start, int end, List<Piece> pieces, StringBuilder target)
    {
        var at = start;
        foreach (var piece in pieces)
        {
            if (piece.End <= at || piece.Start >= end)
            {
                continue;
            }

            var from = Math.Max(piece.Start, at);
            view.CopyTo(target, at, from);
            WritePiece(view, from, piece.End, piece.Owner, target);
            at = piece.End;
        }

        view.CopyTo(target, at, end);
    }

    private void WritePiece(TextView view, int start, int end, Found owner, StringBuilder target)
    {
        if (!view.IsJson)
        {
            target.Append(Replacement(owner, view.Text[start..end]));
            return;
        }

        // Only what strings hold can be replaced by anything; digits of numbers are overwritten, the structure stays.
        for (var i = start; i < end;)
        {
            if (view.IsInString(i))
            {
                var from = i;
                while (i < end && view.IsInString(i))
                {
                    i++;
                }

                JsonText.AppendEscaped(target, Replacement(owner, view.Text[from..i]));
            }
            else
            {
                target.Append(char.IsAsciiDigit(view.Text[i]) ? '9' : view.Text[i]);
                i++;
            }
        }
    }

    private string Replacement(Found owner, ReadOnlySpan<char> original)
    {
        var rule = policy.Rules[owner.Rule].Entry;
        var text = TextChange.Apply(rule.Action, rule.Realistic, owner.Kind, original, context.Substitutes, out var redactedInstead);
        if (redactedInstead)
        {
            RedactedInstead.Add(owner.Rule);
        }

        return text;
    }
}
