namespace Gateway.Benchmarks.Guardrails;

/// <summary>What was asked for.</summary>
/// <param name="Parts">Which parts.</param>
/// <param name="Write">Whether the results become the ones that later runs are held to.</param>
/// <param name="Errors">How many mistakes to print.</param>
/// <param name="Keep">A folder in which what held-out models said is kept for the next run over the same examples; null: nowhere.</param>
internal sealed record Options(IReadOnlyList<string> Parts, bool Write, int Errors, string? Keep)
{
    public static Options? Parse(string[] args, IEnumerable<string> known)
    {
        var (parts, write, errors, keep) = (new List<string>(), false, 0, default(string));
        foreach (var arg in args)
        {
            if (arg == "--write")
            {
                write = true;
            }
            else if (arg.StartsWith("--errors=", StringComparison.Ordinal) && int.TryParse(arg.AsSpan(9), out var number))
            {
                errors = number;
            }
            else if (arg.StartsWith("--keep=", StringComparison.Ordinal) && arg.Length > 7)
            {
                keep = arg[7..];
            }
            else if (known.Contains(arg))
            {
                parts.Add(arg);
            }
            else
            {
                Console.Error.WriteLine($"usage: guardrails [{string.Join("|", known)}]... [--write] [--errors=N] [--keep=FOLDER]");
                return null;
            }
        }

        return new Options(parts.Count > 0 ? parts : [.. known.Where(static p => p is not ("speed" or "held" or "linear" or "injection-speed" or "words" or "train" or "deep"))], write, errors, keep);
    }
}
