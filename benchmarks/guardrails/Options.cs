namespace Gateway.Benchmarks.Guardrails;

/// <summary>What was asked for.</summary>
/// <param name="Parts">Which parts.</param>
/// <param name="Write">Whether the results become the ones that later runs are held to.</param>
/// <param name="Errors">How many mistakes to print.</param>
/// <param name="Held">The file with what the fast tier said of the examples while their families were held out: read by <c>deep</c> where it is of the same examples and of the model as it is, and else written.</param>
internal sealed record Options(IReadOnlyList<string> Parts, bool Write, int Errors, string? Held = null)
{
    private const string HeldOption = "--held=";

    public static Options? Parse(string[] args, IEnumerable<string> known)
    {
        var (parts, write, errors, held) = (new List<string>(), false, 0, (string?)null);
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
            else if (arg.StartsWith(HeldOption, StringComparison.Ordinal))
            {
                held = arg[HeldOption.Length..];
            }
            else if (known.Contains(arg))
            {
                parts.Add(arg);
            }
            else
            {
                Console.Error.WriteLine($"usage: guardrails [{string.Join("|", known)}]... [--write] [--errors=N] [--held=FILE]");
                return null;
            }
        }

        return new Options(parts.Count > 0 ? parts : [.. known.Where(static p => p is not ("speed" or "held" or "linear" or "injection-speed" or "words" or "train" or "deep"))], write, errors, held);
    }
}
