namespace Gateway.AppHost.Local.Hosting;

/// <summary>Lines to the user, whole ones, from any thread.</summary>
internal sealed class Terminal(TextWriter output, TextWriter errors)
{
    private readonly Lock _gate = new();

    /// <summary>Set once the gateway stops: what the services say about each other going away is noise.</summary>
    public bool IsQuiet { get; set; }

    /// <summary>A line of the host's own.</summary>
    public void Say(string text)
    {
        lock (_gate)
        {
            output.WriteLine(text);
            output.Flush();
        }
    }

    /// <summary>A line that says why something cannot go on.</summary>
    public void Error(string text)
    {
        lock (_gate)
        {
            errors.WriteLine("error: " + text);
            errors.Flush();
        }
    }

    /// <summary>A line of a service, with its name before it.</summary>
    public void Log(string service, string line)
    {
        if (!IsQuiet)
        {
            Say($"{service,-13} | {line}");
        }
    }
}
