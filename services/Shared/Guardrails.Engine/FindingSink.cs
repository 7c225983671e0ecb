namespace Gateway.Guardrails.Engine;

/// <summary>Collects the findings of one detector in one text, up to a limit.</summary>
public sealed class FindingSink
{
    private readonly List<GuardFinding> findings;
    private readonly string detector;
    private readonly int index;
    private int room;

    internal FindingSink(List<GuardFinding> findings, string detector, int index, int room)
    {
        this.findings = findings;
        this.detector = detector;
        this.index = index;
        this.room = room;
    }

    /// <summary>True when further findings would be dropped.</summary>
    public bool IsFull => room == 0;

    /// <summary>Adds a finding, unless there is no room.</summary>
    /// <param name="start">Where it begins, in UTF-16 code units from 0.</param>
    /// <param name="length">How long it is, in UTF-16 code units.</param>
    public void Add(int start, int length)
    {
        if (room > 0)
        {
            room--;
            findings.Add(new GuardFinding(detector, index, start, length));
        }
    }
}
