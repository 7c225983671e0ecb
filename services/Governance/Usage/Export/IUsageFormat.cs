using System.Text;

namespace Gateway.Governance.Usage.Export;

/// <summary>A form that records are exported in.</summary>
internal interface IUsageFormat
{
    /// <summary>Its media type.</summary>
    string ContentType { get; }

    /// <summary>Extension of its files.</summary>
    string Extension { get; }

    /// <summary>Writes what stands before the records.</summary>
    void Begin(StringBuilder to);

    /// <summary>Writes a record.</summary>
    void Write(StringBuilder to, UsageRecordView record);
}
