// One row while a payload decoder fills it: slots in, or the reason why the record is rejected.
#pragma once

#include <string>

#include "decode/extra_members.h"
#include "decode/field_path.h"
#include "decode/member_set.h"
#include "decode/rejection.h"
#include "decode/row_run.h"
#include "decode/schema_tree.h"
#include "decode/slots.h"
#include "decode/unknown_members.h"

namespace forebay {

// Appends rows to a run, one after the other. Enforces the precedence of rejections for all formats: a
// malformed record first, whenever that is found; then the first field in the record's own order.
//
// A decoder pushes the slots of a row in any order of its nodes, as the invariant of slots.h requires: one
// slot for each child of an object that is present, and for each element of an array. Once a field is
// rejected, slots may be left out: the row will be dropped. Not thread-safe.
class RowBuilder {
 public:
  // Begins a row of `run`, whose record has `bytes`. Forgets the row before.
  void Begin(RowRun* run, size_t bytes) {
    run->BeginRow(bytes);
    run_ = run;
    slots_ = run->slots_.data();
    extra_.Clear();
    rejected_ = false;
  }
  // Ends the row: appends it to the run, or leaves the run as it was before Begin.
  void Append(const RowRun::Row& row) {
    extra_.Finish();
    run_->EndRow(row, extra_.text());
    unknown_.KeepRow();
  }
  void Drop() {
    run_->DropRow();
    unknown_.DropRow();
  }

  // `node` is a node's index in the schema of the run. Strings are views: their bytes must stay in place
  // until the run is cleared. The record's own bytes do, and those of TextArena.
  void Push(size_t node, const Slot& slot) { slots_[node].push_back(slot); }
  // Pushes a null; for an object, with its members.
  void PushNull(const SchemaNode& node) {
    Push(node.index, Slot::Null());
    if (!node.children.empty()) [[unlikely]]
      PushPlaceholder(node);
  }
  // An object that is present begins with Push(node, Slot::Nested(0)); the root has no slots. EndObject
  // pushes nulls for its members that are not `present`, and rejects the first one that is required.
  void EndObject(const SchemaNode& object, const MemberSet& present, const FieldPath* path);
  // An array begins with Push(node, Slot::Nested(0)), and ends when its elements have been pushed; a map
  // alike, with as many keys as values.
  void EndArray(size_t node, int64_t count) { slots_[node].back() = Slot::Nested(count); }

  // The last `count` slots of a node. Valid until the next Push.
  std::span<const Slot> LastSlots(size_t node, int64_t count) const {
    return std::span<const Slot>(slots_[node]).last(static_cast<size_t>(count));
  }

  // Memory for strings that are not in the record as they are, with room for `bytes` more. It must not grow
  // beyond that. The pointer is valid until the next call, its bytes until the run is cleared.
  std::string* TextArena(size_t bytes) { return run_->TextArena(bytes); }
  // Adds a member that the contract does not know, of the object `object` at `path`: see ExtraMembers::Add.
  void AddUnknown(const SchemaNode& object, const FieldPath* path, std::string_view name,
                  std::string_view json) {
    extra_.Add(path, name, json);
    unknown_.See(object, name);
  }

  // Rejects the record as a whole, whatever was wrong with its fields.
  void Reject(Reason reason, std::string detail);
  // Rejects the record for a field, unless it is rejected already.
  void RejectField(Reason reason, const FieldPath* path, std::string detail);
  bool rejected() const { return rejected_; }
  // REQUIRES: rejected().
  const Rejection& rejection() const { return rejection_; }

  // The row's slot of a field outside arrays and maps, by its node. REQUIRES: it has been pushed.
  const Slot& last_slot(size_t node) const { return slots_[node].back(); }
  const ExtraMembers& extra() const { return extra_; }
  // Of the rows that were appended.
  UnknownMembers& unknown() { return unknown_; }

 private:
  void PushPlaceholder(const SchemaNode& node);

  RowRun* run_ = nullptr;
  SlotList* slots_ = nullptr;  // of the run, by node
  ExtraMembers extra_;
  UnknownMembers unknown_;
  bool rejected_ = false;
  Rejection rejection_;
};

}  // namespace forebay
