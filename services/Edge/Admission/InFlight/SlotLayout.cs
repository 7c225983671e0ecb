using System.Text.Unicode;

namespace Gateway.Edge.Admission.InFlight;

/// <summary>
/// Layout of a slot, format 1 (docs/adr/in-flight-slots.md has the table). Fixed fields, then one area for each text: two bytes of length and the bytes. A text is
/// written length last, so that a process killed in between leaves it empty.
/// </summary>
internal static unsafe class SlotLayout
{
    public const int Format = 1;

    public const int SlotBytes = 4096;

    public const int StateAt = 0;
    public const int FlagsAt = 4;
    public const int RecordIdHighAt = 8;
    public const int RecordIdLowAt = 16;
    public const int EpochAt = 24;
    public const int StartedAt = 32;
    public const int HeldAt = 40;
    public const int PromptTokensAt = 48;
    public const int OutputBytesAt = 56;
    public const int PromptNanoUsdAt = 64;
    public const int OutputPerMillionAt = 72;
    public const int OperationAt = 80;

    public const int CalledFlag = 1;
    public const int StreamFlag = 2;
    public const int BudgetsFlag = 4;

    /// <summary>Areas of the texts, in order: key, team, user, customer, end user, session, model, route, deployment, provider, credential, price version, tags, budgets.</summary>
    private static readonly int[] _sizes = [130, 130, 130, 130, 258, 130, 258, 130, 130, 130, 130, 66, 770, 1400];

    private static readonly int[] _starts = Starts();

    /// <summary>True when the text fits its area whole.</summary>
    public static bool Fits(SlotText which, string? text) => text is null || text.Length * 3 <= Room(which) || System.Text.Encoding.UTF8.GetByteCount(text) <= Room(which);

    /// <summary>Writes a text, cut where it does not fit.</summary>
    public static void Write(byte* slot, SlotText which, string? text)
    {
        var area = slot + _starts[(int)which];
        Volatile.Write(ref *(ushort*)area, 0);
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        _ = Utf8.FromUtf16(text, new Span<byte>(area + 2, Room(which)), out _, out var written, replaceInvalidSequences: true, isFinalBlock: true);
        Volatile.Write(ref *(ushort*)area, (ushort)written);
    }

    public static string Read(byte* slot, SlotText which)
    {
        var area = slot + _starts[(int)which];
        var length = Math.Min(*(ushort*)area, (ushort)Room(which));
        return System.Text.Encoding.UTF8.GetString(area + 2, length);
    }

    private static int Room(SlotText which) => _sizes[(int)which] - 2;

    private static int[] Starts()
    {
        var starts = new int[_sizes.Length];
        var at = 96;
        for (var i = 0; i < starts.Length; i++)
        {
            starts[i] = at;
            at += _sizes[i];
        }

        return at <= SlotBytes ? starts : throw new InvalidOperationException("the texts of a slot do not fit into it");
    }
}

/// <summary>Texts of a slot. Numbers are persisted: append only.</summary>
internal enum SlotText
{
    Key = 0,
    Team = 1,
    User = 2,
    Customer = 3,
    EndUser = 4,
    Session = 5,
    Model = 6,
    Route = 7,
    Deployment = 8,
    Provider = 9,
    Credential = 10,
    PriceVersion = 11,
    Tags = 12,
    Budgets = 13,
}

/// <summary>State of a slot. Numbers are persisted: append only.</summary>
internal enum SlotState
{
    Free = 0,

    /// <summary>Its request runs.</summary>
    Running = 1,

    /// <summary>The record of its request is being written, or was.</summary>
    Settling = 2,
}
